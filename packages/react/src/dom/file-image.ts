import type { File } from "@stowage/client";
import {
  type CSSProperties,
  createElement,
  type HTMLAttributes,
  type ReactElement,
  type ReactNode,
  useMemo,
  useState,
} from "react";
import { useFileUrl } from "../files/use-file-url.ts";
import { placeholderOf } from "./placeholder.ts";

export type ImageFile = Pick<
  File,
  "id" | "name" | "version" | "width" | "height" | "thumbhash" | "derivatives"
>;

export interface FileImageProps extends Omit<HTMLAttributes<HTMLElement>, "children" | "onLoad"> {
  readonly file: ImageFile;
  /** Default `thumbnail`. */
  readonly derivative?: string;
  /** What the picture is to somebody who does not see it. Default: the file's name. Empty: it is decoration. */
  readonly alt?: string;
  /** How it fills a box of another shape. Default `cover`. */
  readonly fit?: "cover" | "contain";
  /** Default `lazy`. */
  readonly loading?: "lazy" | "eager";
  /** What is shown where there is no such picture, or where it can't be had. Default: nothing. */
  readonly fallback?: ReactNode;
  onLoad?(): void;
}

/** A URL that fails is asked for anew so often: it has run out, or the file has gone. */
const maxRenewals = 2;
const fadeMs = 200;

/**
 * A picture of a file, in a box of its shape from the first moment on: the thumbhash, then the picture over it. On the
 * box `data-state` is `loading`, `shown` or `failed`. Give it a size by `style` or `className`.
 */
export function FileImage(props: FileImageProps): ReactElement {
  const { file, derivative = "thumbnail" } = props;
  // Another picture begins anew.
  return createElement(OneImage, { ...props, key: `${file.id} ${file.version} ${derivative}` });
}

function OneImage({
  file,
  derivative = "thumbnail",
  alt = file.name,
  fit = "cover",
  loading = "lazy",
  fallback,
  onLoad,
  style,
  ...rest
}: FileImageProps): ReactElement {
  const made = file.derivatives.find(({ name }) => name === derivative);
  const exists = made !== undefined || derivative === "original";
  const { url, error, renew } = useFileUrl(file.id, {
    derivative,
    version: file.version,
    disposition: "inline",
    // What has been shown needs no other URL.
    renew: false,
    enabled: exists,
  });
  const [shownUrl, setShownUrl] = useState<string>();
  const [failures, setFailures] = useState(0);
  const placeholder = useMemo(() => placeholderOf(file.thumbhash), [file.thumbhash]);
  const width = made?.width ?? file.width;
  const height = made?.height ?? file.height;

  const src = shownUrl ?? url;
  const hasFailed = !exists || (error !== null && !src) || failures > maxRenewals;
  const state = hasFailed ? "failed" : shownUrl ? "shown" : "loading";
  const show = () => {
    if (shownUrl !== undefined) return;
    setShownUrl(src);
    onLoad?.();
  };
  const fail = async () => {
    if (failures < maxRenewals) await renew();
    setShownUrl(undefined);
    setFailures(failures + 1);
  };

  const box: CSSProperties = {
    display: "block",
    position: "relative",
    overflow: "hidden",
    ...(width && height && { aspectRatio: `${width} / ${height}` }),
    ...(placeholder &&
      state !== "failed" && { background: `center / ${fit} no-repeat url("${placeholder}")` }),
    ...style,
  };
  const picture: CSSProperties = {
    position: "absolute",
    inset: 0,
    width: "100%",
    height: "100%",
    objectFit: fit,
    opacity: state === "shown" ? 1 : 0,
    transition: prefersStillness() ? "none" : `opacity ${fadeMs}ms`,
  };
  const image = createElement("img", {
    // The same URL may be the answer: it is loaded anew all the same.
    key: failures,
    src,
    alt,
    width,
    height,
    loading,
    decoding: "async",
    draggable: false,
    style: picture,
    onLoad: show,
    onError: () => void fail(),
  });
  const inItsPlace = hasFailed && alt !== "" && { role: "img", "aria-label": alt };
  return createElement(
    "span",
    { ...rest, style: box, "data-state": state, ...inItsPlace },
    hasFailed ? fallback : image,
  );
}

const prefersStillness = (): boolean =>
  typeof matchMedia === "function" && matchMedia("(prefers-reduced-motion: reduce)").matches;

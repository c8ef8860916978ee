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
import { type UrlFailure, useWorkingUrl } from "../files/use-file-url.ts";
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

/** After so many URLs by which nothing came `fallback` is shown: they had run out, or the store is in trouble, or the file has gone. */
const patience = 3;
const fadeMs = 200;
const stillness = "(prefers-reduced-motion: reduce)";

/** What came of the last URL; with it, the picture: it is shown. */
interface Tried extends UrlFailure {
  readonly url?: string | undefined;
}

/**
 * A picture of a file, in a box of its shape from the first moment on: the thumbhash, then the picture over it. On the
 * box `data-state` is `loading`, `shown` or `failed`. Give it a size by `style` or `className`.
 */
export function FileImage(props: FileImageProps): ReactElement {
  const { file, derivative = "thumbnail" } = props;
  // Another picture begins anew.
  return createElement(OneImage, { ...props, derivative, key: `${file.id} ${file.version} ${derivative}` });
}

function OneImage({
  file,
  derivative,
  alt = file.name,
  fit = "cover",
  loading = "lazy",
  fallback,
  onLoad,
  style,
  ...rest
}: FileImageProps & { readonly derivative: string }): ReactElement {
  const made = file.derivatives.find(({ name }) => name === derivative);
  const exists = !!made || derivative === "original";
  const [tried, setTried] = useState<Tried>({ at: 0, count: 0 });
  const { url, error, updatedAt } = useWorkingUrl(file.id, {
    derivative,
    version: file.version,
    disposition: "inline",
    // What has been shown needs no other URL.
    renew: false,
    enabled: exists,
    failure: tried,
  });
  const placeholder = useMemo(() => placeholderOf(file.thumbhash), [file.thumbhash]);
  const width = made?.width ?? file.width;
  const height = made?.height ?? file.height;

  const { at, url: src } = tried.url ? tried : { at: updatedAt, url };
  const hasFailed = !exists || (error !== null && !src) || tried.count > patience;
  const state = hasFailed ? "failed" : tried.url ? "shown" : "loading";
  const show = () => {
    if (tried.url) return;
    setTried({ at, url, count: 0 });
    onLoad?.();
  };

  const box: CSSProperties = {
    display: "block",
    position: "relative",
    overflow: "hidden",
    ...(width && height && { aspectRatio: `${width} / ${height}` }),
    ...(placeholder && !hasFailed && { background: `center / ${fit} no-repeat url("${placeholder}")` }),
    ...style,
  };
  const picture: CSSProperties = {
    position: "absolute",
    inset: 0,
    width: "100%",
    height: "100%",
    objectFit: fit,
    opacity: tried.url ? 1 : 0,
    // Not before it comes: a server does not know what somebody wants.
    transition: tried.url && !matchMedia(stillness).matches ? `opacity ${fadeMs}ms` : "",
    // It says nothing, and is in nobody's way.
    visibility: hasFailed ? "hidden" : undefined,
  };
  const image = createElement("img", {
    // The same URL may be the answer: it is loaded anew all the same.
    key: at,
    src,
    alt,
    loading,
    decoding: "async",
    draggable: false,
    style: picture,
    onLoad: show,
    onError: () => setTried({ at, count: tried.count + 1 }),
  });
  const inItsPlace = hasFailed && alt !== "" && { role: "img", "aria-label": alt };
  return createElement(
    "span",
    { ...rest, style: box, "data-state": state, ...inItsPlace },
    hasFailed && fallback,
    // Unseen, until it comes after all.
    exists && image,
  );
}

import { createElement, type ReactElement } from "react";
import { FileImage, type FileImageProps } from "../dom/file-image.ts";
import { type KeptPictures, useKept } from "./use-kept.ts";

export type { KeptPictures };

export interface FilePictureProps extends FileImageProps {
  /** Default `preview`. */
  readonly derivative?: string;
  /** What is shown until that has come, and where it can't be had. Default `thumbnail`. */
  readonly first?: string;
  /** Files kept for reading offline (`@stowage/client/browser/offline`): what is kept is shown, and taken away once it may not be seen. */
  readonly kept?: KeptPictures | undefined;
}

/**
 * A picture of a file in steps, in a box of its shape from the first moment on: thumbhash, thumbnail, preview. Where it is kept on
 * this device it needs no network.
 */
export function FilePicture({
  file,
  derivative = "preview",
  first = "thumbnail",
  kept,
  alt = file.name,
  fallback,
  style,
  ...rest
}: FilePictureProps): ReactElement {
  const has = (name: string) => file.derivatives.some((made) => made.name === name);
  const isInSteps = derivative !== first && has(derivative) && has(first);
  const whole = { ...rest, file, kept, alt, derivative, fallback, style };
  if (!isInSteps) return createElement(Step, { ...whole, derivative: has(derivative) ? derivative : first });
  return createElement(
    "span",
    { style: { ...box, ...style } },
    // The one that stays says what it is; where it can't be had, nothing lies over the first.
    createElement(Step, {
      ...rest,
      file,
      kept,
      alt: "",
      derivative: first,
      fallback,
      onLoad: nothing,
      style: filling,
    }),
    createElement(Step, { ...whole, fallback: undefined, style: { ...filling, ...over } }),
  );
}

const nothing = () => undefined;
const box = { display: "block", position: "relative" } as const;
const filling = { width: "100%", height: "100%" } as const;
/** Without a placeholder of its own, which would hide the first. */
const over = { position: "absolute", inset: 0, background: "none" } as const;

function Step({ kept, derivative = "", ...props }: FilePictureProps): ReactElement {
  const gone = useKept(kept, props.file, derivative);
  const onLoad = () => {
    kept?.seen?.(props.file.id, derivative);
    props.onLoad?.();
  };
  return createElement(FileImage, { key: gone, ...props, derivative, onLoad });
}

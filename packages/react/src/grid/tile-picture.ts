import type { File } from "@stowage/client";
import { createElement, type ReactElement, type ReactNode } from "react";
import { FileImage } from "../dom/file-image.ts";
import { FilePicture, type KeptPictures } from "../picture/file-picture.ts";

export interface TilePictureProps {
  readonly file: File;
  /** Of the tile, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** As of `<FilePicture>`. */
  readonly kept?: KeptPictures | undefined;
  readonly className?: string | undefined;
  /** In the place of a picture that can't be had. Default: the file's name. */
  readonly fallback?: ReactNode;
}

/** A thumbnail that is blown up by more than this looks soft: the large picture is taken. */
const softBeyond = 1.6;

/** Each shows a whole file as large as there is room. */
const largePictures = ["preview", "poster", "page"];

/** A file's picture, filling its tile: the thumbnail, or the large one where that would be soft. Without one: its name. */
export function TilePicture({
  file,
  width,
  height,
  kept,
  className,
  fallback = file.name,
}: TilePictureProps): ReactElement {
  const made = file.derivatives.find(({ name }) => name === "thumbnail");
  if (!made) return createElement("bdi", { className }, file.name);
  const large = file.derivatives.find(({ name }) => largePictures.includes(name));
  const blowUp = Math.max(width / made.width, height / made.height) * (globalThis.devicePixelRatio ?? 1);
  const derivative = large && blowUp > softBeyond && !savesData() ? large.name : "thumbnail";
  const props = { file, derivative, className, style: filling, fallback, loading: "eager" } as const;
  return kept ? createElement(FilePicture, { ...props, kept }) : createElement(FileImage, props);
}

const filling = { width: "100%", height: "100%", aspectRatio: "auto" } as const;

/** What a person told their browser; few browsers pass it on. */
const savesData = (): boolean =>
  typeof navigator === "object" &&
  "connection" in navigator &&
  typeof navigator.connection === "object" &&
  navigator.connection !== null &&
  "saveData" in navigator.connection &&
  navigator.connection.saveData === true;

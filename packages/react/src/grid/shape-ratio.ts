import type { File } from "@stowage/client";

/** Width over height of what stands for a file in a grid; a page of paper for a document, a screen for a video. */
export function shapeRatio(file: Pick<File, "contentType" | "width" | "height" | "derivatives">): number {
  const made = file.derivatives.find(({ name }) => name === "thumbnail");
  const width = made?.width ?? file.width;
  const height = made?.height ?? file.height;
  if (width && height) return width / height;
  const { contentType } = file;
  return contentType.startsWith("image/") ? 1 : contentType.startsWith("video/") ? 16 / 9 : 0.77;
}

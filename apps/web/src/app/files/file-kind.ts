import type { File } from "@stowage/client";

export type FileKind = "picture" | "video" | "document";

/** What a file is to a person. */
export function fileKind({ contentType }: Pick<File, "contentType">): FileKind {
  if (contentType.startsWith("image/")) return "picture";
  return contentType.startsWith("video/") ? "video" : "document";
}

/** The derivative that shows a whole file as large as there is room; nothing where there is none. */
export function largePicture(file: Pick<File, "derivatives">): LargePicture | undefined {
  return largePictures.find((wanted) => file.derivatives.some(({ name }) => name === wanted));
}

const largePictures = ["preview", "poster", "page"] as const;

export type LargePicture = (typeof largePictures)[number];

const names: ReadonlyMap<string, string> = new Map([
  ["image/jpeg", "JPEG"],
  ["image/png", "PNG"],
  ["image/webp", "WebP"],
  ["image/gif", "GIF"],
  ["image/tiff", "TIFF"],
  ["image/avif", "AVIF"],
  ["image/heic", "HEIC"],
  ["application/pdf", "PDF"],
  ["video/mp4", "MP4"],
  ["video/quicktime", "QuickTime"],
  ["video/webm", "WebM"],
]);

/** What a content type is called, such as `JPEG`; one that is unknown is shown as it is. */
export const typeName = (contentType: string): string => names.get(contentType) ?? contentType;

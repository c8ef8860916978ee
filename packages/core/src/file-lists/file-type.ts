/** What people tell files apart by. */
export const fileTypes = ["image", "document", "video"] as const;

export type FileType = (typeof fileTypes)[number];

/** Pictures, films, and what is read; of sounds, fonts and the like there is no list. */
export function fileTypeOf(contentType: string): FileType | undefined {
  const [kind] = contentType.split("/", 1);
  if (kind === "image" || kind === "video") return kind;
  return kind === "application" || kind === "text" ? "document" : undefined;
}

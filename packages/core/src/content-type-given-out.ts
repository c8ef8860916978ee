/** What no browser runs anything of, whatever it is led to do with it; the rest comes as bytes to be saved. */
const givenOut: ReadonlySet<string> = new Set([
  ...["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/heic", "image/tiff"],
  ...["video/mp4", "video/quicktime", "video/webm", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav"],
  ...["application/pdf", "application/zip", "application/epub+zip"],
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  "application/vnd.oasis.opendocument.text",
  "application/vnd.oasis.opendocument.spreadsheet",
  "application/vnd.oasis.opendocument.presentation",
]);

/**
 * The `Content-Type` under which a verified type is given out: itself where it is on the list, else
 * `application/octet-stream`. HTML, SVG, XML and scripts are never on it, whatever a profile lets in.
 *
 * @param contentType - of the content, as verification told it
 */
export const contentTypeGivenOut = (contentType: string): string =>
  givenOut.has(contentType) ? contentType : "application/octet-stream";

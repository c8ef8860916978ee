// Content types by their canonical names, and what people call them.

const canonicalNames = new Map([
  ["image/jpg", "image/jpeg"],
  ["image/pjpeg", "image/jpeg"],
  // An animated PNG is a PNG to everything that shows or decodes it here.
  ["image/apng", "image/png"],
  ["image/vnd.mozilla.apng", "image/png"],
  ["image/x-png", "image/png"],
  ["image/tif", "image/tiff"],
  ["image/x-tiff", "image/tiff"],
  // One container; its brand says `heif` also for what phones name and declare `heic`.
  ["image/heif", "image/heic"],
  ["image/heif-sequence", "image/heic"],
  ["image/heic-sequence", "image/heic"],
  ["application/x-pdf", "application/pdf"],
  ["video/x-m4v", "video/mp4"],
  ["video/x-matroska", "video/matroska"],
  ["video/avi", "video/vnd.avi"],
  ["video/msvideo", "video/vnd.avi"],
  ["video/x-msvideo", "video/vnd.avi"],
  ["audio/x-m4a", "audio/mp4"],
  ["audio/m4a", "audio/mp4"],
  ["audio/mp3", "audio/mpeg"],
  ["audio/wave", "audio/wav"],
  ["audio/vnd.wave", "audio/wav"],
  ["audio/x-wav", "audio/wav"],
  ["audio/x-flac", "audio/flac"],
  ["application/x-zip-compressed", "application/zip"],
  ["application/x-gzip", "application/gzip"],
  ["text/xml", "application/xml"],
]);

const commonNames = new Map([
  ["image/jpeg", "JPEG"],
  ["image/png", "PNG"],
  ["image/webp", "WebP"],
  ["image/gif", "GIF"],
  ["image/tiff", "TIFF"],
  ["image/avif", "AVIF"],
  ["image/heic", "HEIC"],
  ["image/svg+xml", "SVG"],
  ["image/bmp", "BMP"],
  ["image/jp2", "JPEG 2000"],
  ["image/jxl", "JPEG XL"],
  ["application/pdf", "PDF"],
  ["application/zip", "ZIP"],
  ["application/xml", "XML"],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word"],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel"],
  ["application/vnd.openxmlformats-officedocument.presentationml.presentation", "PowerPoint"],
  ["application/vnd.oasis.opendocument.text", "OpenDocument"],
  ["application/epub+zip", "EPUB"],
  ["application/x-msdownload", "a Windows program"],
  ["video/mp4", "MP4"],
  ["video/quicktime", "QuickTime"],
  ["video/webm", "WebM"],
  ["video/matroska", "Matroska"],
  ["video/vnd.avi", "AVI"],
]);

/** One name for each type: aliases resolved, lower case, parameters dropped. */
export function canonicalContentType(contentType: string): string {
  const [name = ""] = contentType.split(";");
  const plain = name.trim().toLowerCase();
  return canonicalNames.get(plain) ?? plain;
}

/** `PNG` for `image/png`; the content type itself where it has no common name. */
export function commonName(contentType: string): string {
  return commonNames.get(contentType) ?? contentType;
}

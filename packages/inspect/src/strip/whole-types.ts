/**
 * Types that others are given as they are, by what kind they are of: what is in them their author put there, and no camera, phone,
 * microphone or program of pictures writes them. Every other type that has no stripper has previews alone: a list of what can tell a
 * place would have to name each format that exiftool writes one into (PostScript, MXF, DICOM, Flash …) and the next.
 */
export const wholeTypes: ReadonlySet<string> = new Set([
  // Archives.
  ...[
    "application/zip",
    "application/java-archive",
    "application/gzip",
    "application/zstd",
    "application/lzip",
    "application/vnd.ms-cab-compressed",
    "application/x-tar",
    "application/x-7z-compressed",
    "application/x-rar-compressed",
    "application/x-bzip2",
    "application/x-xz",
    "application/x-lz4",
    "application/x-compress",
    "application/x-lzh-compressed",
    "application/x-arj",
    "application/x-ace-compressed",
    "application/x-cpio",
    "application/x-unix-archive",
  ],
  // Office files.
  ...[
    "application/rtf",
    "application/vnd.visio",
    "application/vnd.apple.keynote",
    "application/vnd.apple.numbers",
    "application/vnd.apple.pages",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    "application/vnd.openxmlformats-officedocument.presentationml.template",
    "application/vnd.ms-word.document.macroenabled.12",
    "application/vnd.ms-word.template.macroenabled.12",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/vnd.ms-excel.template.macroenabled.12",
    "application/vnd.ms-powerpoint.presentation.macroenabled.12",
    "application/vnd.ms-powerpoint.slideshow.macroenabled.12",
    "application/vnd.ms-powerpoint.template.macroenabled.12",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.text-template",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.spreadsheet-template",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.presentation-template",
    "application/vnd.oasis.opendocument.graphics",
    "application/vnd.oasis.opendocument.graphics-template",
  ],
  "application/epub+zip",
  // Fonts.
  ...["font/ttf", "font/otf", "font/collection", "font/woff", "font/woff2", "application/vnd.ms-fontobject"],
  // Text: an event's place and a person's address are what it is for. XML and subtitles are none of it: loggers and drones write them.
  ...["text/calendar", "text/vcard"],
]);

import type { File, FileVersion } from "@stowage/client";

/** A file with the content of one of its versions, to be shown in its place. */
export function atVersion(file: File, version: FileVersion): File {
  const {
    takenAt,
    width,
    height,
    thumbhash,
    pageCount,
    passwordProtected,
    durationSeconds,
    activeContent,
    rendition,
    ...kept
  } = file;
  const { state, uploadId, createdAt, name, ...content } = version;
  return { ...kept, ...content };
}

/** What a version is to the file as it is shown, which may know more than the history. */
export function stateOf(file: Pick<File, "version">, version: FileVersion): FileVersion["state"] {
  if (version.version === file.version) return "current";
  return version.state === "current" ? "superseded" : version.state;
}

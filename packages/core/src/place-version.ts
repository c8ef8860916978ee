import type { FileRecord, VersionOfFile } from "./file.ts";

/** What becomes of a verified upload that is to replace a version of a file. */
export type Placement =
  /** The file's newest version, and current. */
  | { readonly kind: "current"; readonly version: number; readonly detail: string }
  /** The file's newest version, and not current. */
  | { readonly kind: "conflict"; readonly version: number; readonly detail: string }
  /** A file of its own. */
  | { readonly kind: "apart"; readonly detail: string };

/**
 * Decides by the file as it is at the moment that the upload ends; nothing that was sent is lost, whatever happened
 * meanwhile. `detail` says it in words, for the upload's timeline.
 *
 * @param file absent where it was purged
 */
export function placeVersion(file: FileRecord | undefined, replaces: VersionOfFile): Placement {
  if (!file)
    return {
      kind: "apart",
      detail: "The file that it was to replace was deleted for good meanwhile: kept as a file of its own.",
    };
  const version = file.latestVersion + 1;
  if (file.state === "ready" && file.version === replaces.version)
    return {
      kind: "current",
      version,
      detail: `Now version ${version} of the file, in place of version ${file.version}.`,
    };
  const kept = `Kept as version ${version}, beside version ${file.version}`;
  const detail =
    file.state === "trashed"
      ? `${kept}: the file was put into the trash meanwhile. Restore it and choose in its history.`
      : file.state === "quarantined"
        ? `${kept}: the file was quarantined meanwhile.`
        : file.version > replaces.version
          ? `${kept} which was made meanwhile: choose in the file's history.`
          : `${kept} which was restored meanwhile: choose in the file's history.`;
  return { kind: "conflict", version, detail };
}

import type { VersionOfFile } from "@stowage/core";
import { nameOf } from "./content.testing.ts";
import type {
  LifecycleModel,
  ModelFile,
  ModelUpload,
  ModelVersion,
  Prediction,
} from "./lifecycle-model.testing.ts";

/** Why a version can't be replaced, as the file is now. */
export function refuseReplacement(
  model: LifecycleModel,
  owner: 0 | 1,
  { fileId, version }: VersionOfFile,
): string | undefined {
  const file = model.files.find(({ id }) => id === fileId);
  if (file?.owner !== owner) return "not-found";
  if (file.state !== "ready") return "file-not-ready";
  return version > file.latestVersion ? "validation-failed" : undefined;
}

export type ModelPlacement = "current" | "conflict" | "apart";

/** What becomes of an upload in the moment in which it is ready; nothing is said of a plain new file. */
export function placeInModel(
  model: LifecycleModel,
  upload: ModelUpload,
  made: Pick<ModelVersion, "content" | "key" | "derivatives">,
): ModelPlacement | undefined {
  const { replaces } = upload;
  const createdAtMs = model.databaseMs;
  const file = model.files.find(({ id }) => id === replaces?.fileId);
  if (!file || !replaces) {
    const first: ModelVersion = { number: 1, upload, createdAtMs, isConflict: false, ...made };
    model.files.push({
      id: upload.fileId,
      owner: upload.owner,
      createdAtMs,
      versions: [first],
      current: first,
      latestVersion: 1,
      state: "ready",
      name: nameOf(upload.content),
      revision: 1,
      trashedAtMs: undefined,
      quarantinedFrom: undefined,
    });
    if (!replaces) return undefined;
    upload.placed = "kept as a file of its own";
    return "apart";
  }
  const isConflict = file.state !== "ready" || file.current.number !== replaces.version;
  const version = { number: file.latestVersion + 1, upload, createdAtMs, isConflict, ...made };
  upload.fileId = file.id;
  upload.placed = isConflict ? `Kept as version ${version.number}, ` : `Now version ${version.number} `;
  file.versions.push(version);
  file.latestVersion = version.number;
  file.revision += 1;
  if (!isConflict) file.current = version;
  model.note("system", isConflict ? "file.conflicted" : "file.replaced", file.id);
  return isConflict ? "conflict" : "current";
}

export type VersionChangeKind = "restore-version" | "purge-version";

/** What a person does to a version of a file that they believe to be of a revision. */
export function* predictVersionChange(
  model: LifecycleModel,
  kind: VersionChangeKind,
  at: VersionOfFile,
  expected: number,
): Prediction<string> {
  const { fileId, version: number } = at;
  const find = (): ModelFile | undefined => model.files.find(({ id }) => id === fileId);
  const numbered = (file: ModelFile | undefined) => file?.versions.find((each) => each.number === number);
  if (!numbered(find())) return "not-found";
  const isMet = model.isOfRevision(fileId, expected);
  yield kind === "restore-version" ? "metadata.restoreVersion" : "metadata.purgeVersion";
  const file = find();
  if (!file) return "not-found";
  if (file.revision !== expected) return "precondition-failed";
  // It has become what the person believed since it was read: all of it again.
  if (!isMet) return yield* predictVersionChange(model, kind, at, expected);
  if (file.state !== "ready") return "file-not-ready";
  const version = numbered(file);
  if (!version) return "not-found";
  if (version === file.current) return kind === "restore-version" ? "done" : "version-current";
  file.revision += 1;
  if (kind === "restore-version") {
    file.current = version;
    version.isConflict = false;
    model.note(model.ownerOf(file), "version.restored", fileId);
  } else {
    file.versions = file.versions.filter((each) => each !== version);
    model.doomVersions([version]);
    model.note(model.ownerOf(file), "version.purged", fileId);
  }
  return "done";
}

import type { LifecycleModel, Prediction } from "./lifecycle-model.testing.ts";

/** What a rescan that found something in a version does to its file. */
export function* predictQuarantine(
  model: LifecycleModel,
  { fileId, key }: { readonly fileId: string; readonly key: string },
): Prediction<string> {
  yield "metadata.quarantineFile";
  const file = model.files.find(({ id }) => id === fileId);
  if (!file?.versions.some((version) => version.key === key)) return "missing";
  if (file.state === "quarantined") return "already";
  file.quarantinedFrom = file.state === "trashed" ? file.state : "ready";
  file.state = "quarantined";
  file.trashedAtMs ??= model.databaseMs;
  file.revision += 1;
  model.note("system", "file.quarantined", fileId);
  return "done";
}

/** What a rescan that finds nothing any more does to a file that it believes to be of a revision. */
export function* predictRelease(model: LifecycleModel, fileId: string, revision: number): Prediction<string> {
  yield "metadata.releaseFile";
  const file = model.files.find(({ id }) => id === fileId);
  if (!file) return "missing";
  if (file.revision !== revision) return "stale";
  if (file.state !== "quarantined" || !file.quarantinedFrom) return "wrong-state";
  file.state = file.quarantinedFrom;
  if (file.state === "ready") file.trashedAtMs = undefined;
  file.quarantinedFrom = undefined;
  file.revision += 1;
  model.note("system", "file.released", fileId);
  return "done";
}

import type { LifecycleModel, ModelFile, Prediction } from "./lifecycle-model.testing.ts";

export type FileChangeKind = "rename" | "trash" | "restore" | "purge";

/** `done`, or why not. */
type Outcome = "done" | "stale" | "wrong-state" | "missing";

/** The command that purges: of a file that is still of that revision. */
export function* predictPurge(
  model: LifecycleModel,
  id: string,
  revision: number,
  actor: string,
): Prediction<Outcome> {
  yield "metadata.purgeFile";
  const file = model.files.find((each) => each.id === id);
  if (!file) return "missing";
  if (file.revision !== revision) return "stale";
  model.files.splice(model.files.indexOf(file), 1);
  model.purged.set(id, file.latestVersion);
  model.doomVersions(file.versions);
  model.note(actor, "file.purged", id);
  return "done";
}

/** What a command is given that is known to be refused. */
const noRevision = -1;

/** What a person does to a file that they believe to be of a revision; `name`: the new one. */
export function* predictFileChange(
  model: LifecycleModel,
  kind: FileChangeKind,
  { id }: { readonly id: string },
  expected: number,
  name: string,
): Prediction<string> {
  const seen = model.files.find((each) => each.id === id);
  if (!seen) return "not-found";
  const person = model.ownerOf(seen);
  const isMet = seen.revision === expected;
  if (kind === "rename" && isMet && seen.state === "ready" && seen.name === name) return "done";
  const revision = isMet ? expected : noRevision;
  const outcome =
    kind === "purge"
      ? yield* predictPurge(model, id, revision, person)
      : yield* predictMove(model, kind, id, revision, name);
  // It has become what the person believed since it was read: all of it again.
  if (outcome === "stale" && model.isOfRevision(id, expected))
    return yield* predictFileChange(model, kind, { id }, expected, name);
  switch (outcome) {
    case "done":
      return "done";
    case "missing":
      return "not-found";
    case "stale":
      return "precondition-failed";
    case "wrong-state":
      if (kind === "restore") return "file-not-trashed";
      // Trashing what is in the trash is what was asked for already.
      return kind === "trash" && model.files.some((file) => file.id === id && file.state === "trashed")
        ? "done"
        : "file-not-ready";
  }
}

const moves = {
  rename: { command: "metadata.changeFile", from: "ready", to: "ready", action: "file.changed" },
  trash: { command: "metadata.trashFile", from: "ready", to: "trashed", action: "file.trashed" },
  restore: { command: "metadata.restoreFile", from: "trashed", to: "ready", action: "file.restored" },
} as const;

function* predictMove(
  model: LifecycleModel,
  kind: keyof typeof moves,
  id: string,
  revision: number,
  name: string,
): Prediction<Outcome> {
  const { command, from, to, action } = moves[kind];
  yield command;
  const file = model.files.find((each: ModelFile) => each.id === id);
  if (!file) return "missing";
  if (file.revision !== revision) return "stale";
  if (file.state !== from) return "wrong-state";
  file.state = to;
  file.revision += 1;
  file.trashedAtMs = kind === "trash" ? model.databaseMs : undefined;
  if (kind === "rename") file.name = name;
  model.note(model.ownerOf(file), action, id);
  return "done";
}

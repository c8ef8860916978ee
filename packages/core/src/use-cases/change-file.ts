import type { FileChange, FileRecord } from "../file.ts";
import type { Principal } from "../policy/decide-access.ts";
import type { Refusal } from "../refusal.ts";
import type { Metadata } from "../upload.ts";
import { atRevision, type ExpectedRevision, type FilePorts } from "./at-revision.ts";

/**
 * Changes a file's name, its metadata or both. What is so already is done: no new revision, no audit event. A file in
 * the trash must be restored first: what is about to be deleted is not edited by mistake.
 *
 * @throws RefusedError `not-found`, `precondition-required`, `precondition-failed`, `file-not-ready`
 */
export const changeFile = (
  ports: FilePorts,
  principal: Principal,
  fileId: string,
  expected: ExpectedRevision,
  change: FileChange,
): Promise<FileRecord> =>
  atRevision(ports, {
    principal,
    action: "change",
    fileId,
    expected,
    // The command holds only for the revision that was read, so what it would change can be told from that.
    run: async (command, file) =>
      file.revision === command.revision && file.state === "ready" && isSo(file, change)
        ? { outcome: "done", file }
        : ports.metadata.changeFile({ ...command, change }),
    inWrongState: notReady,
  });

/** Why nothing but restoring and deleting is done to a file in such a state. */
export const notReady = ({ state }: FileRecord): Refusal => ({
  code: "file-not-ready",
  detail:
    state === "trashed"
      ? "The file is in the trash: restore it first."
      : "The file is quarantined: a later check found something in it.",
});

const isSo = (file: FileRecord, { name = file.name, metadata = file.metadata }: FileChange): boolean =>
  file.name === name && hasSamePairs(file.metadata, metadata);

function hasSamePairs(one: Metadata, other: Metadata): boolean {
  const pairs = new Map(Object.entries(one));
  const others = Object.entries(other);
  return pairs.size === others.length && others.every(([key, value]) => pairs.get(key) === value);
}

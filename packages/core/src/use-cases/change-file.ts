import type { FileRecord } from "../file.ts";
import type { Action, Principal } from "../policy/decide-access.ts";
import type { FileCommand, FileOutcome } from "../ports/metadata-store.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { findVisibleFile } from "./get-file.ts";
import type { ServicePorts } from "./ports.ts";

type FilePorts = Pick<ServicePorts, "metadata">;

/**
 * The revision that the client believes current: a number; `any` (`If-Match: *`); or none given, which is refused,
 * but only after it is known that the file may be seen.
 */
export type ExpectedRevision = number | "any" | undefined;

/** Puts a file into the trash, from which it can be restored for 30 days. */
export const trashFile = (
  ports: FilePorts,
  principal: Principal,
  fileId: string,
  expected: ExpectedRevision,
) => change(ports, principal, "delete", fileId, expected, (command) => ports.metadata.trashFile(command));

/** Takes a file out of the trash. */
export const restoreFile = (
  ports: FilePorts,
  principal: Principal,
  fileId: string,
  expected: ExpectedRevision,
) => change(ports, principal, "change", fileId, expected, (command) => ports.metadata.restoreFile(command));

/** Deletes a file and its bytes for good. */
export const purgeFile = (
  ports: FilePorts,
  principal: Principal,
  fileId: string,
  expected: ExpectedRevision,
) => change(ports, principal, "delete", fileId, expected, (command) => ports.metadata.purgeFile(command));

/** @throws RefusedError `not-found`, `precondition-required`, `precondition-failed`, `file-not-trashed` */
async function change(
  ports: FilePorts,
  principal: Principal,
  action: Action,
  fileId: string,
  expected: ExpectedRevision,
  run: (command: FileCommand) => Promise<FileOutcome>,
): Promise<FileRecord> {
  const file = await findVisibleFile(ports, principal, action, fileId);
  if (expected === undefined)
    throw new RefusedError({
      code: "precondition-required",
      detail: "Send the file's ETag in If-Match, so that nobody's change is lost.",
    });
  const revision = expected === "any" ? file.revision : expected;
  const result = await run({ fileId, revision, actor: { principalId: principal.id } });
  switch (result.outcome) {
    case "done":
      return result.file;
    case "missing":
      throw new RefusedError(notFound);
    case "stale":
      throw new RefusedError({
        code: "precondition-failed",
        detail: "The file has changed since: get it again and decide anew.",
      });
    case "wrong-state":
      // Trashing what is in the trash is what was asked for already.
      if (result.file.state === "trashed") return result.file;
      throw new RefusedError({ code: "file-not-trashed", detail: "The file is not in the trash." });
  }
}

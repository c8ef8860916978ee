import type { FileRecord } from "../file.ts";
import type { Principal } from "../policy/principal.ts";
import { atRevision, type ExpectedRevision, type FilePorts } from "./at-revision.ts";
import { notReady } from "./change-file.ts";

/**
 * Puts a file into the trash, from which it can be restored for 30 days.
 *
 * @throws RefusedError `not-found`, `precondition-required`, `precondition-failed`, `file-not-ready`
 */
export const trashFile = (
  ports: FilePorts,
  principal: Principal,
  fileId: string,
  expected: ExpectedRevision,
): Promise<FileRecord> =>
  atRevision(ports, {
    principal,
    action: "delete",
    fileId,
    expected,
    run: (command) => ports.metadata.trashFile(command),
    // Trashing what is in the trash is what was asked for already.
    inWrongState: (file) => (file.state === "trashed" ? file : notReady(file)),
  });

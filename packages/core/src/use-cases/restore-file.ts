import type { FileRecord } from "../file.ts";
import type { Principal } from "../policy/principal.ts";
import { atRevision, type ExpectedRevision, type FilePorts } from "./at-revision.ts";

/**
 * Takes a file out of the trash.
 *
 * @throws RefusedError `not-found`, `precondition-required`, `precondition-failed`, `file-not-trashed`
 */
export const restoreFile = (
  ports: FilePorts,
  principal: Principal,
  fileId: string,
  expected: ExpectedRevision,
): Promise<FileRecord> =>
  atRevision(ports, {
    principal,
    action: "change",
    fileId,
    expected,
    run: (command) => ports.metadata.restoreFile(command),
    inWrongState: () => notTrashed,
  });

const notTrashed = { code: "file-not-trashed", detail: "The file is not in the trash." } as const;

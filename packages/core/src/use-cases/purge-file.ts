import type { FileRecord } from "../file.ts";
import type { Principal } from "../policy/principal.ts";
import { atRevision, type ExpectedRevision, type FilePorts } from "./at-revision.ts";
import { notReady } from "./change-file.ts";

/**
 * Deletes a file and its bytes for good, whatever its state.
 *
 * @throws RefusedError `not-found`, `precondition-required`, `precondition-failed`
 */
export const purgeFile = (
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
    run: (command) => ports.metadata.purgeFile(command),
    inWrongState: notReady,
  });

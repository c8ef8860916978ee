import type { FileRecord } from "../file.ts";
import type { Principal } from "../policy/principal.ts";
import type { ExpectedRevision, FilePorts } from "./at-revision.ts";
import { atVersion } from "./at-version.ts";

/**
 * Makes another version of a file current: an earlier one, or a conflict. The one that was current stays in history;
 * name and metadata stay the file's. What is current already stays so: no new revision.
 *
 * @throws RefusedError `not-found`, `precondition-required`, `precondition-failed`, `file-not-ready`
 */
export const restoreVersion = (
  ports: FilePorts,
  principal: Principal,
  fileId: string,
  version: number,
  expected: ExpectedRevision,
): Promise<FileRecord> =>
  atVersion(ports, {
    principal,
    action: "change",
    fileId,
    version,
    expected,
    run: (command) => ports.metadata.restoreVersion(command),
    ifCurrent: (file) => file,
  });

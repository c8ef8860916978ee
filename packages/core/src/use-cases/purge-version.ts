import type { FileRecord } from "../file.ts";
import type { Principal } from "../policy/principal.ts";
import type { ExpectedRevision, FilePorts } from "./at-revision.ts";
import { atVersion } from "./at-version.ts";

/**
 * Deletes a version and its bytes for good; the current one can't be. Answers the file as it is then.
 *
 * @throws RefusedError `not-found`, `precondition-required`, `precondition-failed`, `file-not-ready`, `version-current`
 */
export const purgeVersion = (
  ports: FilePorts,
  principal: Principal,
  fileId: string,
  version: number,
  expected: ExpectedRevision,
): Promise<FileRecord> =>
  atVersion(ports, {
    principal,
    action: "delete",
    fileId,
    version,
    expected,
    run: (command) => ports.metadata.purgeVersion(command),
    ifCurrent: () => isCurrent,
  });

const isCurrent = {
  code: "version-current",
  detail: "This is the current version: make another one current first, or delete the file.",
} as const;

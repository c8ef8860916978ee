import type { FileRecord } from "../file.ts";
import type { FileAction } from "../policy/decide-file-access.ts";
import type { Principal } from "../policy/principal.ts";
import type { VersionCommand, VersionOutcome } from "../ports/file-commands.ts";
import { type Refusal, RefusedError } from "../refusal.ts";
import { atRevision, type ExpectedRevision, type FilePorts } from "./at-revision.ts";
import { notReady } from "./change-file.ts";

interface CommandAtVersion {
  readonly principal: Principal;
  readonly action: FileAction;
  readonly fileId: string;
  readonly version: number;
  readonly expected: ExpectedRevision;
  readonly run: (command: VersionCommand) => Promise<VersionOutcome>;
  /** What is answered where the version is the current one. */
  readonly ifCurrent: (file: FileRecord) => FileRecord | Refusal;
}

/**
 * Runs a command on a version of a file that the principal may act on, if the file is as the client believes.
 *
 * @throws RefusedError `not-found` (also of a version), `precondition-required`, `precondition-failed`,
 *   `file-not-ready`, and what `ifCurrent` says
 */
export const atVersion = (
  ports: FilePorts,
  { principal, action, fileId, version, expected, run, ifCurrent }: CommandAtVersion,
): Promise<FileRecord> =>
  atRevision(ports, {
    principal,
    action,
    fileId,
    expected,
    assertThere: async () => {
      if ((await ports.metadata.findFileVersions([{ fileId, version }])).length === 0)
        throw new RefusedError(noSuchVersion(version));
    },
    run: async (command) => {
      const result = await run({ ...command, version });
      switch (result.outcome) {
        case "no-such-version":
          throw new RefusedError(noSuchVersion(version));
        case "is-current": {
          const answer = ifCurrent(result.file);
          if ("code" in answer) throw new RefusedError(answer);
          return { outcome: "done", file: answer };
        }
        default:
          return result;
      }
    },
    inWrongState: notReady,
  });

export const noSuchVersion = (version: number): Refusal => ({
  code: "not-found",
  detail: `The file has no version ${version}, or has it no more.`,
});

import type { FileRecord } from "../file.ts";
import type { FileAction } from "../policy/decide-file-access.ts";
import type { Principal } from "../policy/principal.ts";
import type { FileCommand, FileOutcome } from "../ports/file-commands.ts";
import { notFound, type Refusal, RefusedError } from "../refusal.ts";
import { findVisibleFile } from "./get-file.ts";
import type { ServicePorts } from "./ports.ts";

export type FilePorts = Pick<ServicePorts, "metadata" | "clock">;

/**
 * The revision that the client believes current: a number, one of several, or `any` (`If-Match: *`); or none given,
 * which is refused, but only after it is known that the file may be seen.
 */
export type ExpectedRevision = number | readonly number[] | "any" | undefined;

/** How often a command that is meant for the file however it is comes upon another's change, before it is refused. */
const maxTries = 100;

/** A revision that no file has. */
const noRevision = -1;

export const isMet = (expected: Exclude<ExpectedRevision, undefined>, revision: number): boolean =>
  expected === "any" || (typeof expected === "number" ? expected === revision : expected.includes(revision));

interface CommandAtRevision {
  readonly principal: Principal;
  readonly action: FileAction;
  readonly fileId: string;
  readonly expected: ExpectedRevision;
  /** Throws where more than the file is named and is not there: told before it is asked for an `If-Match`. */
  readonly assertThere?: () => Promise<void>;
  /** @param file as it was read: where it is not of the command's revision any more, the command is refused */
  readonly run: (command: FileCommand, file: FileRecord) => Promise<FileOutcome>;
  /** What is answered where the file's state does not allow it. */
  readonly inWrongState: (file: FileRecord) => FileRecord | Refusal;
}

/**
 * Runs a command on a file that the principal may act on, if it is as the client believes.
 *
 * @throws RefusedError `not-found`, `precondition-required`, `precondition-failed`, and what `inWrongState` says
 */
export async function atRevision(
  ports: FilePorts,
  command: CommandAtRevision,
  triesLeft: number = maxTries,
): Promise<FileRecord> {
  const { principal, action, fileId, expected, assertThere, run, inWrongState } = command;
  const file = await findVisibleFile(ports, principal, action, fileId);
  await assertThere?.();
  if (expected === undefined)
    throw new RefusedError({
      code: "precondition-required",
      detail: "Send the file's ETag in If-Match, so that nobody's change is lost.",
    });
  const revision = isMet(expected, file.revision) ? file.revision : noRevision;
  const result = await run({ fileId, revision, actor: { principalId: principal.id } }, file);
  switch (result.outcome) {
    case "done":
      return result.file;
    case "missing":
      throw new RefusedError(notFound);
    case "stale":
      // Changed by another between reading and writing, and what it is now is what was asked for, too.
      if (isMet(expected, result.file.revision) && triesLeft > 1)
        return atRevision(ports, command, triesLeft - 1);
      throw new RefusedError({
        code: "precondition-failed",
        detail: "The file has changed since: get it again and decide anew.",
      });
    case "wrong-state": {
      const answer = inWrongState(result.file);
      if ("code" in answer) throw new RefusedError(answer);
      return answer;
    }
  }
}

import { access } from "node:fs/promises";
import { type AuditLog, DatabaseTooNewError, DatabaseTooOldError, openAuditLog } from "@stowage/sql";
import { CommandError } from "../../cli/command.ts";
import { escapeText } from "../../cli/escape-text.ts";
import { databaseFile } from "../data-directory-places.ts";

/**
 * Reads the audit of a data directory, whether its server runs or not.
 *
 * @throws CommandError for what a person can do something about
 */
export async function withAuditLog<Result>(
  dataDir: string,
  work: (log: AuditLog) => Result | Promise<Result>,
): Promise<Result> {
  const file = databaseFile(dataDir);
  try {
    await access(file);
  } catch (cause) {
    throw new CommandError(
      `There is no ${escapeText(file)}: no server was ever started there. Name another directory with --data DIR.`,
      1,
      { cause },
    );
  }
  let log: AuditLog;
  try {
    log = openAuditLog(file);
  } catch (cause) {
    if (cause instanceof DatabaseTooNewError || cause instanceof DatabaseTooOldError)
      throw new CommandError(cause.message, 1, { cause });
    throw new CommandError(`${escapeText(file)} can't be read: stowage doctor says more.`, 1, { cause });
  }
  try {
    return await work(log);
  } catch (cause) {
    // A damaged file, or a row with a number that no event has.
    if (
      cause instanceof Error &&
      "code" in cause &&
      /^ERR_(SQLITE_ERROR|OUT_OF_RANGE)$/.test(String(cause.code))
    )
      throw new CommandError(
        `The audit in ${escapeText(file)} can't be read: ${escapeText(cause.message)}.`,
        1,
        {
          cause,
        },
      );
    throw cause;
  } finally {
    log.close();
  }
}

import { open } from "node:fs/promises";
import type { AuditEventRecord } from "@stowage/core";
import { CommandError } from "../../cli/command.ts";
import { escapeText } from "../../cli/escape-text.ts";
import { isSystemError, sentenceOfSystemError } from "../../cli/system-error.ts";
import { type AuditExportStart, parseExportLine, parseExportStart } from "./audit-export.ts";

export interface ReadAuditExport {
  readonly start: AuditExportStart;
  /** In the order of the file; to be read to its end. */
  readonly events: AsyncIterable<AuditEventRecord>;
}

/**
 * Reads an export line by line, however long it is.
 *
 * @throws CommandError for a file that is none, at once or at the line that is none
 */
export async function readAuditExport(path: string): Promise<ReadAuditExport> {
  const lines = linesOf(path);
  const first = await lines.next();
  const start = first.done ? undefined : parseExportStart(first.value);
  if (!start)
    throw new CommandError(`${escapeText(path)} is no export of an audit: its first line does not say so.`);
  return { start, events: eventsOf(path, lines) };
}

async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  try {
    await using file = await open(path, "r");
    for await (const line of file.readLines()) yield line;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new CommandError(`${escapeText(path)}: ${sentenceOfSystemError(error)}`, 1, { cause: error });
  }
}

async function* eventsOf(path: string, lines: AsyncIterable<string>): AsyncGenerator<AuditEventRecord> {
  let number = 1;
  for await (const line of lines) {
    number += 1;
    if (line === "") continue;
    const event = parseExportLine(line);
    if (!event) throw new CommandError(`Line ${number} of ${escapeText(path)} is no event: it was changed.`);
    yield event;
  }
}

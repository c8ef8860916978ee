import {
  compareCodePoints,
  type FilePosition,
  type PeopleCommands,
  type PrincipalRecord,
  searchRanges,
} from "@stowage/core";
import type { CommandContext } from "./commands/context.ts";
import { type PrincipalRow, principalOf } from "./rows.ts";

/** A range of terms for each code point of what is looked for, one behind the other, as files are searched. */
export function listPeople(
  { connection }: CommandContext,
  { organisationId, text, after, limit }: Parameters<PeopleCommands["listPeople"]>[0],
): PrincipalRecord[] {
  const found = new Map<string, PrincipalRecord>();
  for (const { from, until } of searchRanges(text)) {
    const begin: FilePosition =
      after && compareCodePoints(String(after.key), from) >= 0 ? after : { key: from, id: "" };
    if (compareCodePoints(String(begin.key), until) >= 0) continue;
    const rows = connection.all<PrincipalRow>(
      `SELECT p.* FROM person_terms l CROSS JOIN principals p ON p.id = l.user_id
       WHERE l.organisation_id = ? AND (l.term, l.user_id) > (?, ?) AND l.term < ?
       ORDER BY l.term, l.user_id LIMIT ?`,
      organisationId,
      begin.key,
      begin.id,
      until,
      limit - found.size,
    );
    for (const row of rows) found.set(row.id, principalOf(row));
    if (found.size >= limit) break;
  }
  return [...found.values()];
}

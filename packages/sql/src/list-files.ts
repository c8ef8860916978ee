import type { SQLInputValue } from "node:sqlite";
import {
  compareCodePoints,
  type FileList,
  type FilePosition,
  type FileRecord,
  type ListFiles,
  searchRanges,
} from "@stowage/core";
import { type CommandContext, selectFiles } from "./commands/context.ts";
import { pairDigest } from "./commands/index-file.ts";
import { type FileRow, fileOf } from "./rows.ts";

/**
 * A page of a list. Each statement goes along one index from where the page begins, and reads no row that is not of the
 * page. Only a search may have several to run: a range for each code point of what is looked for, one behind the other.
 */
export function listFiles(context: CommandContext, { ownerId, list, after, limit }: ListFiles): FileRecord[] {
  if (list.by === "search") return search(context, ownerId, list.text, after, limit);
  const { from, equal, values, order } = alongIndex(list, ownerId);
  const isText = list.by === "name";
  const direction = isText ? "ASC" : "DESC";
  const begin = after ?? (isText ? firstText : newest);
  return context.connection
    .all<FileRow>(
      `${from} WHERE ${equal} AND (${order.join(", ")}) ${isText ? ">" : "<"} (?, ?)
       ORDER BY ${order.map((column) => `${column} ${direction}`).join(", ")} LIMIT ?`,
      ...values,
      begin.key,
      begin.id,
      limit,
    )
    .map(fileOf);
}

const newest: FilePosition = { key: Number.MAX_SAFE_INTEGER, id: "" };
const firstText: FilePosition = { key: "", id: "" };

interface AlongIndex {
  readonly from: string;
  /** Conditions on what stands before the order in the index. */
  readonly equal: string;
  /** For the conditions. */
  readonly values: readonly SQLInputValue[];
  /** Columns by which the index goes on. */
  readonly order: readonly [string, string];
}

const filesBy = (index: string) => selectFiles.replace("FROM files f", `FROM files f INDEXED BY ${index}`);
/** Files by way of another table: that one goes first. */
const filesFound = (table: string) =>
  selectFiles.replace("FROM files f", `FROM ${table} l CROSS JOIN files f ON f.id = l.file_id`);

function alongIndex(list: Exclude<FileList, { by: "search" }>, ownerId: string): AlongIndex {
  const ready = "f.owner_id = ? AND f.state = 'ready'";
  switch (list.by) {
    case "created":
    case "taken": {
      const column = list.by === "created" ? "f.created_at" : "f.shown_at";
      const order = [column, "f.id"] as const;
      return list.type === undefined
        ? {
            from: filesBy(`files_by_${list.by === "created" ? "owner" : "shown"}`),
            equal: ready,
            values: [ownerId],
            order,
          }
        : {
            from: filesBy(`files_by_type_and_${list.by === "created" ? "created" : "shown"}`),
            equal: `${ready} AND f.type = ?`,
            values: [ownerId, list.type],
            order,
          };
    }
    case "name":
      return {
        from: filesBy("files_by_name"),
        equal: ready,
        values: [ownerId],
        order: ["f.name_key", "f.id"],
      };
    case "metadata":
      return {
        from: filesFound("file_pairs"),
        equal: "l.owner_id = ? AND l.pair = ?",
        values: [ownerId, pairDigest(list.name, list.value)],
        order: ["l.created_at", "l.file_id"],
      };
    case "trashed":
      return {
        from: filesBy("files_by_trashed"),
        equal: "f.owner_id = ? AND f.state IN ('trashed', 'quarantined')",
        values: [ownerId],
        order: ["f.trashed_at", "f.id"],
      };
    case "audience":
      return {
        from: filesFound("file_audiences"),
        equal: "l.audience = ?",
        values: [list.audience],
        order: ["l.created_at", "l.file_id"],
      };
  }
}

function search(
  { connection }: CommandContext,
  ownerId: string,
  text: string,
  after: FilePosition | undefined,
  limit: number,
): FileRecord[] {
  const found = new Map<string, FileRecord>();
  for (const { from, until } of searchRanges(text)) {
    const begin = after && compareCodePoints(String(after.key), from) >= 0 ? after : { key: from, id: "" };
    if (compareCodePoints(String(begin.key), until) >= 0) continue;
    const rows = connection.all<FileRow>(
      `${filesFound("file_terms")} WHERE l.owner_id = ? AND (l.term, l.file_id) > (?, ?) AND l.term < ?
       ORDER BY l.term, l.file_id LIMIT ?`,
      ownerId,
      begin.key,
      begin.id,
      until,
      limit - found.size,
    );
    for (const row of rows) found.set(row.id, fileOf(row));
    if (found.size >= limit) break;
  }
  return [...found.values()];
}

import type { FileAccess, FileGrant, SharingCommands } from "@stowage/core";
import type { CommandContext } from "./commands/context.ts";

interface GrantRow {
  file_id: string;
  kind: FileGrant["kind"];
  ends_at: number | null;
}

/** What rows say of one principal and of several files: two statements, however many files they are. */
export function findFileAccess(
  { connection }: CommandContext,
  { principalId, albumId = "", fileIds }: Parameters<SharingCommands["findFileAccess"]>[0],
): (FileAccess & { readonly fileId: string })[] {
  const ids = JSON.stringify(fileIds);
  const grants = new Map<string, FileGrant[]>();
  for (const { file_id, kind, ends_at } of connection.all<GrantRow>(
    `SELECT g.file_id, 'share' AS kind, g.ends_at FROM json_each(?1) k
     CROSS JOIN file_grants g ON g.file_id = k.value AND g.user_id = ?2
     UNION ALL SELECT b.file_id, 'break-glass', b.ends_at FROM json_each(?1) k
     CROSS JOIN glass_breaks b ON b.file_id = k.value AND b.user_id = ?2`,
    ids,
    principalId,
  ))
    add(grants, file_id, { kind, ...(ends_at === null ? {} : { endsAtMs: ends_at }) });
  const albums = new Map<string, string[]>();
  for (const { file_id, album_id } of connection.all<{ file_id: string; album_id: string }>(
    `SELECT f.file_id, f.album_id FROM json_each(?) k CROSS JOIN album_files f ON f.file_id = k.value
     CROSS JOIN albums a ON a.id = f.album_id
     WHERE f.album_id = ? OR EXISTS (SELECT 1 FROM album_members m WHERE m.album_id = f.album_id AND m.user_id = ?)`,
    ids,
    albumId,
    principalId,
  ))
    add(albums, file_id, album_id);
  return [...new Set(fileIds)].map((fileId) => ({
    fileId,
    grants: grants.get(fileId) ?? [],
    albumIds: albums.get(fileId) ?? [],
  }));
}

function add<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

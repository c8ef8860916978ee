import { createHash } from "node:crypto";
import {
  albumAudience,
  albumIdsIn,
  fileTypeOf,
  type Metadata,
  nameKey,
  personAudience,
  searchTerms,
} from "@stowage/core";
import { type CommandContext, factColumns } from "./context.ts";

type OnConnection = Pick<CommandContext, "connection">;

/** What of a file decides where it is listed. */
export interface ListedRow {
  id: string;
  owner_id: string;
  state: string;
  name: string;
  metadata: string;
  created_at: number;
  content_type: string;
  taken_at: number | null;
  audience: string | null;
  grants: number;
  albums: number;
}

/** Of files with their current version. */
export const selectListed = `SELECT f.id, f.owner_id, f.state, f.name, f.metadata, f.created_at, f.terms, f.pairs, f.audience,
  f.grants, f.albums, f.audiences, v.content_type, v.taken_at FROM files f JOIN versions v ON v.file_id = f.id AND v.version = f.version`;

/** A pair of metadata, at a length that a key of any database may have. */
export const pairDigest = (name: string, value: string): string =>
  createHash("sha256")
    .update(JSON.stringify([name, value]))
    .digest("base64url")
    .slice(0, 22);

/** What lists go by: columns of `files`, and the file's rows in the tables beside, as JSON. */
export interface Listed {
  readonly type: string;
  readonly shownAt: number;
  readonly nameKey: string;
  readonly terms: string;
  readonly pairs: string;
  readonly audiences: string;
}

/** `audiencesOf` of core, from rows. */
function audiencesOf({ connection }: OnConnection, row: ListedRow): string[] {
  if (row.state !== "ready") return [];
  const users =
    row.grants === 0
      ? []
      : connection.all<{ user_id: string }>(
          "SELECT user_id FROM file_grants WHERE file_id = ? ORDER BY user_id",
          row.id,
        );
  const albums =
    row.albums === 0
      ? []
      : connection.all<{ album_id: string }>(
          "SELECT album_id FROM album_files WHERE file_id = ? ORDER BY album_id",
          row.id,
        );
  return [
    ...users.map(({ user_id }) => personAudience(user_id)),
    ...albums.map(({ album_id }) => albumAudience(album_id)),
    ...(row.audience === null ? [] : [row.audience]),
  ];
}

export function listedOf(context: OnConnection, row: ListedRow): Listed {
  const isReady = row.state === "ready";
  const metadata = isReady && row.metadata !== "{}" ? (JSON.parse(row.metadata) as Metadata) : {};
  return {
    type: fileTypeOf(row.content_type) ?? "",
    shownAt: row.taken_at ?? row.created_at,
    nameKey: nameKey(row.name),
    terms: JSON.stringify(isReady ? searchTerms(row.name) : []),
    pairs: JSON.stringify(Object.entries(metadata).map(([name, value]) => pairDigest(name, value))),
    audiences: JSON.stringify(audiencesOf(context, row)),
  };
}

/**
 * Brings what lists go by and show up to date with a file's row and its current version: to be called by every command
 * that makes a file, or changes its name, metadata, state, current version, audience, grants or albums, after it has. Terms, pairs and
 * audiences are those of ready files only; the row remembers them, so that they are found again whatever has become of the name.
 */
export function indexFile(context: OnConnection, fileId: string): void {
  const { connection } = context;
  const row = connection.get<ListedRow & Remembered>(`${selectListed} WHERE f.id = ?`, fileId);
  if (!row) return;
  const { type, shownAt, nameKey, terms, pairs, audiences } = listedOf(context, row);
  connection.run(
    `UPDATE files SET type = ?, shown_at = ?, name_key = ?, terms = ?, pairs = ?, audiences = ?, (${factColumns}) =
       (SELECT ${factColumns} FROM versions v WHERE v.file_id = files.id AND v.version = files.version) WHERE id = ?`,
    type,
    shownAt,
    nameKey,
    terms,
    pairs,
    audiences,
    fileId,
  );
  if (terms !== row.terms) {
    forgetTerms(context, fileId, row);
    if (terms !== none)
      connection.run(
        "INSERT INTO file_terms (owner_id, term, file_id) SELECT ?, value, ? FROM json_each(?)",
        row.owner_id,
        fileId,
        terms,
      );
  }
  if (pairs !== row.pairs) {
    forgetPairs(context, fileId, row);
    if (pairs !== none)
      connection.run(
        "INSERT INTO file_pairs (owner_id, pair, created_at, file_id) SELECT ?, value, ?, ? FROM json_each(?)",
        row.owner_id,
        row.created_at,
        fileId,
        pairs,
      );
  }
  if (audiences !== row.audiences) {
    countInAlbums(context, row.audiences, audiences);
    changeAudiences(context, fileId, row, audiences);
  }
}

/** Of thousands to whom a file is shown no more rows are touched than change. */
function changeAudiences(
  context: OnConnection,
  fileId: string,
  row: Remembered,
  audiences: Listed["audiences"],
): void {
  const before = new Set(JSON.parse(row.audiences) as string[]);
  const after = new Set(JSON.parse(audiences) as string[]);
  const left = [...before].filter((audience) => !after.has(audience));
  const added = [...after].filter((audience) => !before.has(audience));
  forgetAudiences(context, fileId, { ...row, audiences: JSON.stringify(left) });
  if (added.length > 0)
    context.connection.run(
      "INSERT INTO file_audiences (audience, created_at, file_id) SELECT value, ?, ? FROM json_each(?)",
      row.created_at,
      fileId,
      JSON.stringify(added),
    );
}

const none = "[]";

/** Albums count what they list. */
export function countInAlbums({ connection }: OnConnection, before: string, after: string): void {
  const albumsIn = (json: string) => new Set(albumIdsIn(JSON.parse(json) as readonly string[]));
  const [left, come] = [albumsIn(before), albumsIn(after)];
  const count = (albumId: string, change: 1 | -1) =>
    connection.run("UPDATE albums SET file_count = file_count + ? WHERE id = ?", change, albumId);
  for (const id of left) if (!come.has(id)) count(id, -1);
  for (const id of come) if (!left.has(id)) count(id, 1);
}

/** Takes a file out of the tables that lists go by: to be called before its row is deleted. */
export function unindexFile(context: OnConnection, fileId: string): void {
  const row = context.connection.get<Remembered>(
    "SELECT owner_id, created_at, terms, pairs, audiences FROM files WHERE id = ?",
    fileId,
  );
  if (!row) return;
  forgetTerms(context, fileId, row);
  forgetPairs(context, fileId, row);
  forgetAudiences(context, fileId, row);
}

/** What the tables beside have of a file, as JSON. */
interface Remembered extends Pick<ListedRow, "owner_id" | "created_at"> {
  terms: string;
  pairs: string;
  audiences: string;
}

function forgetAudiences(
  { connection }: OnConnection,
  fileId: string,
  { created_at, audiences }: Remembered,
): void {
  if (audiences === none) return;
  connection.run(
    `DELETE FROM file_audiences WHERE audience IN (SELECT value FROM json_each(?)) AND created_at = ?
     AND file_id = ?`,
    audiences,
    created_at,
    fileId,
  );
}

function forgetTerms({ connection }: OnConnection, fileId: string, { owner_id, terms }: Remembered): void {
  if (terms === none) return;
  connection.run(
    "DELETE FROM file_terms WHERE owner_id = ? AND term IN (SELECT value FROM json_each(?)) AND file_id = ?",
    owner_id,
    terms,
    fileId,
  );
}

function forgetPairs(
  { connection }: OnConnection,
  fileId: string,
  { owner_id, created_at, pairs }: Remembered,
): void {
  if (pairs === none) return;
  connection.run(
    `DELETE FROM file_pairs WHERE owner_id = ? AND pair IN (SELECT value FROM json_each(?)) AND created_at = ?
     AND file_id = ?`,
    owner_id,
    pairs,
    created_at,
    fileId,
  );
}

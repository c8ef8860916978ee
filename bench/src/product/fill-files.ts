import { createHash, randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { at } from "../load/at.ts";

/** How many files somebody has, written past the product, which would take days to check so many. */
export interface FilledFiles {
  /** A stopped server's. */
  readonly databaseFile: string;
  /** Whose they are: a principal that has a row. */
  readonly subject: string;
  readonly count: number;
  /** One in so many is a video. */
  readonly filesPerVideo: number;
  /** A colleague: every file is shown to the organisation of both. */
  readonly colleague: string;
  /** An album of the owner's, empty until now: one file in {@link filesPerAlbumFile} is put into it, and the colleague is made a member. */
  readonly albumId: string;
}

/** Of the names: half begin with "IMG", and one alone has a word that begins with "treasure". */
const subjects = [
  "holiday",
  "beach",
  "invoice",
  "report",
  "family",
  "winter",
  "receipt",
  "scan",
  "draft",
  "final",
];

/** One in so many is in the trash. */
const filesPerTrashed = 50;

/** One in so many is in the album, none of them in the trash. */
export const filesPerAlbumFile = 10;

/** One in so many has the same `album`, and lies that far from the next that has it. */
export const filesPerAlbumMate = 100;

const secondMs = 1000;
const spanMs = 3 * 365 * 24 * 3600 * secondMs;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  readonly createdAtMs: number;
  readonly takenAtMs: number | null;
  readonly trashedAtMs: number | null;
  readonly isInAlbum: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Fills a database with somebody's files as the product would have left them, what its lists go by included: names
 * here are ASCII, of which that is easily told. The lists are counted afterwards, so that a difference is seen.
 */
export function fillFiles({
  databaseFile,
  subject,
  count,
  filesPerVideo,
  colleague,
  albumId,
}: FilledFiles): void {
  const database = new DatabaseSync(databaseFile);
  database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144");
  const principal = database.prepare("SELECT id, organisation_id FROM principals WHERE subject = ?");
  const { id: ownerId, organisation_id: organisationId } = principal.get(subject) as PrincipalRow;
  const { id: colleagueId } = principal.get(colleague) as PrincipalRow;
  const ofOrganisation = `o:${organisationId}`;
  const ofAlbum = `a:${albumId}`;
  const indexes = database
    .prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'files' AND sql IS NOT NULL",
    )
    .all() as { name: string; sql: string }[];
  database.exec("BEGIN");
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
  database.exec("CREATE TEMP TABLE new_terms (term TEXT, file_id TEXT)");
  database.exec("CREATE TEMP TABLE new_audiences (audience TEXT, created_at INTEGER, file_id TEXT)");
  database.exec("CREATE TEMP TABLE new_pairs (pair TEXT, created_at INTEGER, file_id TEXT)");
  const insertFile = database.prepare(
    `INSERT INTO files (id, owner_id, state, name, metadata, version, revision, created_at, trashed_at, type, shown_at, name_key,
       terms, pairs, audience, audiences, albums, key, size_bytes, sha256, content_type, width, height, taken_at, thumbhash,
       derivatives)
     VALUES (?, ?, ?, ?, ?, 1, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 2000000, ?, ?, 4000, 3000, ?, ?, ?)`,
  );
  const insertVersion = database.prepare(
    `INSERT INTO versions (file_id, version, upload_id, key, size_bytes, sha256, content_type, width, height, taken_at,
       thumbhash, derivatives) VALUES (?, 1, ?, ?, 2000000, ?, ?, 4000, 3000, ?, ?, ?)`,
  );
  const insertAudience = database.prepare("INSERT INTO temp.new_audiences VALUES (?, ?, ?)");
  const insertIntoAlbum = database.prepare("INSERT INTO album_files VALUES (?, ?, ?, ?)");
  const insertTerm = database.prepare("INSERT INTO temp.new_terms VALUES (?, ?)");
  const insertPair = database.prepare("INSERT INTO temp.new_pairs VALUES (?, ?, ?)");
  for (let index = 0; index < count; index += 1) {
    const row = rowOf(index, count, filesPerVideo);
    const isReady = row.trashedAtMs === null;
    const terms = isReady ? termsOf(row.name) : [];
    const pairs = isReady ? Object.entries(row.metadata).map(pairOf) : [];
    const audiences = isReady ? [...(row.isInAlbum ? [ofAlbum] : []), ofOrganisation] : [];
    const prefix = `files/${randomBytes(16).toString("hex")}/1`;
    const derivatives = ["thumbnail", "preview"].map((name) => ({
      name,
      key: `${prefix}/d/${name}`,
      contentType: "image/webp",
      width: 320,
      height: 240,
      sizeBytes: 9000,
    }));
    const facts = [
      `${prefix}/original`,
      randomBytes(32).toString("hex"),
      row.contentType,
      row.takenAtMs,
      randomBytes(24).toString("base64"),
      JSON.stringify(derivatives),
    ];
    insertFile.run(
      row.id,
      ownerId,
      isReady ? "ready" : "trashed",
      row.name,
      JSON.stringify(row.metadata),
      row.createdAtMs,
      row.trashedAtMs,
      typeOf(row.contentType),
      row.takenAtMs ?? row.createdAtMs,
      nameKeyOf(row.name),
      JSON.stringify(terms),
      JSON.stringify(pairs),
      ofOrganisation,
      JSON.stringify(audiences),
      row.isInAlbum ? 1 : 0,
      ...facts,
    );
    insertVersion.run(row.id, `upload-${row.id}`, ...facts);
    if (row.isInAlbum) insertIntoAlbum.run(row.id, albumId, ownerId, row.createdAtMs);
    for (const audience of audiences) insertAudience.run(audience, row.createdAtMs, row.id);
    for (const term of terms) insertTerm.run(term, row.id);
    for (const pair of pairs) insertPair.run(pair, row.createdAtMs, row.id);
  }
  database.exec(
    `INSERT INTO file_terms SELECT '${ownerId}', term, file_id FROM temp.new_terms ORDER BY term, file_id;
     INSERT INTO file_pairs SELECT '${ownerId}', pair, created_at, file_id FROM temp.new_pairs
       ORDER BY pair, created_at DESC, file_id DESC;
     INSERT INTO file_audiences SELECT audience, created_at, file_id FROM temp.new_audiences
       ORDER BY audience, created_at DESC, file_id DESC`,
  );
  database
    .prepare("INSERT INTO album_members (album_id, user_id, role, joined_at) VALUES (?, ?, 'viewer', ?)")
    .run(albumId, colleagueId, Date.now());
  database
    .prepare(
      `UPDATE albums SET member_count = member_count + 1,
         file_count = (SELECT count(*) FROM album_files WHERE album_id = albums.id) WHERE id = ?`,
    )
    .run(albumId);
  for (const { sql } of indexes) database.exec(sql);
  database.prepare("UPDATE principals SET used_bytes = ? WHERE id = ?").run(count * 2_000_000, ownerId);
  database.exec("COMMIT");
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}

type PrincipalRow = { readonly id: string; readonly organisation_id: string };

function rowOf(index: number, count: number, filesPerVideo: number): Row {
  const nowMs = Date.now();
  const createdAtMs = nowMs - spanMs + Math.floor((index / count) * spanMs);
  const isVideo = index % filesPerVideo === 7;
  const isDocument = index % 10 === 3;
  const subject = at(subjects, (index * 7) % subjects.length);
  const name =
    index === count >> 1
      ? "Treasure map.jpg"
      : isVideo
        ? `MOV_${index}.mp4`
        : index % 2 === 0
          ? `IMG_${String(index).padStart(7, "0")}.jpg`
          : isDocument
            ? `${subject} ${subject}s ${index}.pdf`
            : `Photo of ${subject} ${index}.jpg`;
  return {
    id: timeOrderedId(createdAtMs),
    name,
    contentType: isVideo ? "video/mp4" : isDocument ? "application/pdf" : "image/jpeg",
    createdAtMs,
    // Two in three say when they were taken: mostly some days before they came.
    takenAtMs: index % 3 === 0 ? null : createdAtMs - ((index * 7919) % 1_000_000) * secondMs,
    trashedAtMs: index % filesPerTrashed === 49 ? nowMs - (index % 10_000) * secondMs : null,
    isInAlbum: index % filesPerAlbumFile === 0,
    metadata: { job: String(index >> 6), album: String(index % filesPerAlbumMate) },
  };
}

/** RFC 9562 section 5.7. */
function timeOrderedId(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0") + randomBytes(10).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const typeOf = (contentType: string): string =>
  contentType.startsWith("application/") ? "document" : (contentType.split("/")[0] ?? "");

const nameKeyOf = (name: string): string =>
  name.toLowerCase().replaceAll(/\d+/g, (digits) => {
    const value = digits.replace(/^0+(?=.)/, "");
    return String.fromCharCode(0x30 + value.length) + value;
  });

const pairOf = (pair: [string, string]): string =>
  createHash("sha256").update(JSON.stringify(pair)).digest("base64url").slice(0, 22);

/** The name from each of its words on, behind how many characters it shares with the one before it in order. */
function termsOf(name: string): string[] {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  const phrases = [...new Set(words.map((_, index) => words.slice(index).join(" ")))].sort();
  return phrases.map((phrase, index) => {
    const before = phrases[index - 1] ?? "";
    let shared = 0;
    while (shared < before.length && before[shared] === phrase[shared]) shared += 1;
    return String(shared).padStart(2, "0") + phrase;
  });
}

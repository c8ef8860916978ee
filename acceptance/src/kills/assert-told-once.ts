import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { KeptFile } from "./kept-file.ts";

interface UploadRow {
  readonly id: string;
  readonly state: string;
  readonly attempt: number;
}

const ends: readonly string[] = ["ready", "rejected", "aborted"];

/** Rows of a query as `target → its actions, in their order`. */
function readActions(database: DatabaseSync, sql: string): Map<string, string[]> {
  const byTarget = new Map<string, string[]>();
  for (const row of database.prepare(sql).iterate()) {
    const { target, action } = row as { target: string; action: string };
    byTarget.set(target, [...(byTarget.get(target) ?? []), action]);
  }
  return byTarget;
}

const count = (actions: readonly string[], wanted: string): number =>
  actions.filter((action) => action === wanted).length;

/**
 * Audit and timeline tell of each change of a state exactly once and in its order, of every upload and file of an installation
 * where all uploads have ended. Both are read in the database: an operator's list of them over HTTP is not there yet.
 */
export function assertToldOnce(dataDir: string, files: readonly KeptFile[]): void {
  const database = new DatabaseSync(join(dataDir, "stowage.sqlite"), { readOnly: true });
  try {
    const audit = readActions(
      database,
      "SELECT target_id AS target, action FROM audit_events ORDER BY sequence",
    );
    const timelines = readActions(
      database,
      "SELECT upload_id AS target, type AS action FROM upload_events ORDER BY upload_id, number",
    );
    const uploads = database
      .prepare("SELECT id, state, attempt FROM uploads")
      .all() as unknown as UploadRow[];
    for (const upload of uploads)
      assertUploadToldOnce(upload, audit.get(upload.id) ?? [], timelines.get(upload.id) ?? []);
    const current = new Map(
      database
        .prepare(
          "SELECT f.id, v.upload_id FROM files f JOIN versions v ON v.file_id = f.id AND v.version = f.version",
        )
        .all()
        .map(({ id, upload_id }) => [String(id), String(upload_id)]),
    );
    for (const file of files)
      assertFileToldOnce(file, audit.get(file.fileId) ?? [], current.get(file.fileId));
  } finally {
    database.close();
  }
}

function assertUploadToldOnce({ id, state, attempt }: UploadRow, audit: string[], timeline: string[]): void {
  const where = `upload ${id}, ${state}, attempt ${attempt}: audit ${audit}; timeline ${timeline}`;
  assert.ok(ends.includes(state), where);
  const isVerified = state !== "aborted";
  const wanted: readonly (readonly [string, string, number])[] = [
    ["upload.created", "created", 1],
    ["upload.completed", "uploaded", isVerified ? 1 : 0],
    ["upload.claimed", "verifying", attempt],
    ...ends.map((end) => [`upload.${end}`, end, state === end ? 1 : 0] as const),
  ];
  for (const [action, type, times] of wanted) {
    assert.equal(count(audit, action), times, `${action} in ${where}`);
    assert.equal(count(timeline, type), times, `${type} in ${where}`);
  }
  assert.ok(attempt >= (isVerified ? 1 : 0), where);
  assert.equal(audit[0], "upload.created", where);
  assert.equal(audit.at(-1), `upload.${state}`, where);
  if (isVerified) assert.ok(audit.indexOf("upload.completed") < audit.indexOf("upload.claimed"), where);
}

/** What is current is what was made so last, by its owner or by itself. */
function assertFileToldOnce(file: KeptFile, actions: readonly string[], current: string | undefined): void {
  const where = `file ${file.fileId}: ${actions}`;
  for (const [action, times] of Object.entries(file.done))
    assert.equal(count(actions, action), times, `${action} of ${where}`);
  if (file.state === "purged") {
    assert.equal(current, undefined, where);
    return;
  }
  const last = actions.findLast((action) => action === "version.restored" || action === "file.replaced");
  if (last !== "file.replaced") assert.equal(current, file.madeCurrent, where);
  else assert.ok(file.versions.get(current ?? "")?.becameCurrent, where);
}

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Person } from "./add-person.ts";
import { assertSaid } from "./assert-said.ts";
import { deleteFile, getFile, getMe, listAll } from "./files.ts";
import type { KilledPut } from "./put-killed-twice.ts";
import { jsonLines } from "./run-cli.ts";
import type { Server } from "./start-server.ts";
import { waitFor } from "./wait-for.ts";
import type { StoredFile, Upload } from "./wire.ts";

interface PutLine {
  readonly file: string;
  readonly id?: string;
  readonly state?: string;
  readonly sha256?: string;
  readonly alreadyThere?: boolean;
}

/** The one file that a put made of a path, and nothing else of it: neither an upload, nor quota, nor bytes. */
export async function assertArrivedOnce(
  server: Server,
  person: Person,
  { result, uploadId, storedParts }: KilledPut,
  expected: { readonly path: string; readonly sizeBytes: number; readonly sha256: string },
): Promise<string> {
  assertSaid(result, 0);
  const [line, ...others] = jsonLines<PutLine>(result.stdout);
  const { path, sizeBytes, sha256 } = expected;
  assert.deepEqual(line, { file: path, id: line?.id, state: "ready", sha256 });
  assert.deepEqual(others, []);
  const fileId = line?.id ?? "";

  const uploads = await listAll<Upload>(person.api, "/v1/uploads");
  assert.deepEqual(
    uploads.map(({ id, state }) => [id, state]),
    [[uploadId, "ready"]],
  );
  const files = await listAll<StoredFile>(person.api, "/v1/files");
  assert.deepEqual(
    files.map(({ id }) => id),
    [fileId],
  );
  const file = await getFile(person.api, fileId);
  assert.deepEqual([file.sha256, file.sizeBytes, file.contentType], [sha256, sizeBytes, "video/mp4"]);
  const { usedBytes, reservedBytes, openUploads } = await getMe(person.api);
  assert.deepEqual([usedBytes, reservedBytes, openUploads], [sizeBytes, 0, 0]);

  assert.ok(storedParts.length > 0);
  const arrivedBytes = storedParts.reduce((sum, part) => sum + part.sizeBytes, 0);
  assert.ok(
    result.writtenBytes < sizeBytes - arrivedBytes + overheadBytes,
    `${result.writtenBytes} bytes written where ${arrivedBytes} of ${sizeBytes} had arrived`,
  );
  assertNothingStale(server, sizeBytes);
  return fileId;
}

/** Requests, answers and logs of one upload, and sealing: far below a part. */
const overheadBytes = 4_000_000;

/** What a running server keeps for itself: databases and their logs. */
const databaseBytes = 40_000_000;

function assertNothingStale({ dataDir }: Server, sizeBytes: number): void {
  for (const name of ["uploads", "incoming"])
    assert.deepEqual(readdirSync(join(dataDir, "bucket", name)), [], `the bucket's ${name}`);
  const usedBytes = bytesOnDisk(dataDir);
  assert.ok(usedBytes >= sizeBytes);
  assert.ok(usedBytes < 1.01 * sizeBytes + databaseBytes, `${usedBytes} bytes on disk for ${sizeBytes}`);
}

/** Files that have several names count once. */
function bytesOnDisk(folder: string): number {
  const sizes = new Map<number, number>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const stat = entry.isFile()
      ? statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })
      : undefined;
    if (stat) sizes.set(stat.ino, stat.size);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** Deletes the file for good, and waits until nothing of it is on the disk. */
export async function assertLeavesNothing(server: Server, person: Person, fileId: string): Promise<void> {
  await deleteFile(person.api, fileId);
  await deleteFile(person.api, fileId, "?permanent=true");
  await waitFor("the file's bytes to be gone", () => bytesOnDisk(server.dataDir) < databaseBytes);
  assert.equal((await getMe(person.api)).usedBytes, 0);
}

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { randomFaults } from "@stowage/fault-proxy";
import { addPerson } from "../harness/add-person.ts";
import { createApi } from "../harness/api-client.ts";
import { assertSaid } from "../harness/assert-said.ts";
import { makePdf } from "../harness/documents.ts";
import { listAll } from "../harness/files.ts";
import { makeFolder, removeFolder, runCli } from "../harness/run-cli.ts";
import { startFaultyServer } from "../harness/start-faulty-server.ts";
import { writeVideo } from "../harness/videos.ts";
import type { StoredFile, Upload } from "../harness/wire.ts";

export interface FileSet {
  readonly count: number;
  readonly leastBytes: number;
  readonly mostBytes: number;
}

const faultRate = 0.05;
/** Of bytes sent to those that are needed. */
const mostRatio = 1.15;

/** A document that is larger than this is none to the server: it is a film then. */
const documentBytes = 20_000_000;

/** Makes small files many and large ones few: a million bytes on the average, from 1 KB to 25 MB. */
const skew = 2.6;

/**
 * Puts a folder by the command line over proxies at which every twentieth request fails, in any way that there is: each
 * file arrives once, as it is, and little is sent in vain.
 */
export async function putOverFaults(t: TestContext, set: FileSet): Promise<void> {
  const faulty = await startFaultyServer({ decide: randomFaults({ rate: faultRate, seed: 7 }) });
  t.after(() => faulty.stop());
  const folder = await makeFolder("many");
  t.after(() => removeFolder(folder));
  const files = await layOut(folder, set);
  const person = await addPerson(faulty.server);
  const result = await runCli(["put", "-r", folder], {
    env: { STOWAGE_SERVER: faulty.server.api, STOWAGE_TOKEN: person.token },
    timeoutMs: 540_000,
  });
  assertSaid(result, 0);

  const direct = createApi(faulty.direct.api, person.token);
  const arrived = await listAll<StoredFile>(direct, "/v1/files");
  assert.equal(arrived.length, set.count);
  assert.deepEqual(
    new Map(arrived.map(({ name, sha256 }) => [name, sha256])),
    new Map(files.map(({ name, sha256 }) => [name, sha256])),
  );
  const uploads = await listAll<Upload>(direct, "/v1/uploads");
  assert.deepEqual(
    uploads.filter(({ state }) => state !== "ready" && state !== "aborted"),
    [],
  );
  const neededBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const { receivedBytes, faults } = faulty.bucket.stats;
  t.diagnostic(`${receivedBytes} bytes sent, ${neededBytes} needed: ${receivedBytes / neededBytes}`);
  assert.ok(faults.size > 0);
  assert.ok(receivedBytes <= mostRatio * neededBytes, `${receivedBytes} bytes sent for ${neededBytes}`);
}

interface LaidOut {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

async function layOut(folder: string, { count, leastBytes, mostBytes }: FileSet): Promise<LaidOut[]> {
  const files: LaidOut[] = [];
  for (let rank = 0; rank < count; rank += 1) {
    const growth = mostBytes / leastBytes;
    const sizeBytes = Math.round(leastBytes * growth ** (((rank + 0.5) / count) ** skew));
    const name = `${String(rank).padStart(4, "0")}.${sizeBytes > documentBytes ? "mp4" : "pdf"}`;
    const path = join(folder, name);
    files.push({ name, sizeBytes, sha256: await write(path, sizeBytes) });
  }
  return files;
}

async function write(path: string, sizeBytes: number): Promise<string> {
  if (sizeBytes > documentBytes) return writeVideo(path, sizeBytes);
  const document = makePdf(1);
  // In hexadecimal, a comment of one line.
  const filler = randomBytes(Math.ceil(sizeBytes / 2)).toString("hex");
  const content = Buffer.concat([document, Buffer.from(`% ${filler}`)]).subarray(0, sizeBytes);
  await writeFile(path, content);
  return createHash("sha256").update(content).digest("hex");
}

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import type { ArchiveEntry } from "@stowage/core";
import { createInspector } from "@stowage/inspect";
import fc from "fast-check";
import { temporaryFolder } from "../../cli/testing/temporary-folder.ts";
import { zipWriter } from "./zip-writer.ts";

const run = promisify(execFile);

const modifiedAtMs = Date.UTC(2026, 5, 1);

async function* entriesOf(
  files: Iterable<readonly [string, Uint8Array]>,
  chunkBytes = 7,
): AsyncGenerator<ArchiveEntry> {
  for (const [name, bytes] of files)
    yield {
      ...{ name, sizeBytes: bytes.byteLength, modifiedAtMs },
      body: (async function* () {
        for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
      })(),
    };
}

async function zipOf(files: Iterable<readonly [string, Uint8Array]>, chunkBytes?: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of zipWriter.write(entriesOf(files, chunkBytes))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const photos = new Map<string, Uint8Array>([
  ["a.jpg", randomBytes(1000)],
  ["Ärger – 東京 🗼.jpg", randomBytes(500)],
  ["versions/a.jpg", randomBytes(3)],
  ["empty.txt", new Uint8Array()],
  ["manifest.json", Buffer.from("{}\n")],
]);

async function verdictOf(t: TestContext, bytes: Uint8Array) {
  const inspector = createInspector({ temporaryDirectory: await temporaryFolder(t) });
  t.after(() => inspector.close());
  return inspector.inspect({
    body: (async function* () {
      yield bytes;
    })(),
    declaredContentType: "application/zip",
    declaredSizeBytes: bytes.byteLength,
    allowedContentTypes: ["application/zip"],
    derivatives: [],
  });
}

test("writes what our own rules for ZIP files take, also with an archive inside", async (t) => {
  const inner = await zipOf(photos);
  const verdict = await verdictOf(t, await zipOf([...photos, ["inner.zip", inner]], 64 * 1024));
  assert.equal(verdict.verdict, "accepted", JSON.stringify(verdict));
});

test("writes exactly as many bytes as it says before", async () => {
  const names = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((name) => !name.includes("/"));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(names, fc.uint8Array({ maxLength: 50 })), { maxLength: 5 }),
      async (files) => {
        const sized = files.map(([name, { byteLength }]) => ({ name, sizeBytes: byteLength }));
        assert.equal((await zipOf(files)).byteLength, zipWriter.sizeOf(sized));
      },
    ),
    { numRuns: 50 },
  );
});

/** Unpacks with another program, and holds what it made to what went in. */
async function unpackedBy(t: TestContext, command: string, args: (zip: string, to: string) => string[]) {
  const folder = await temporaryFolder(t);
  const [zip, to] = [join(folder, "a.zip"), join(folder, "out")];
  await mkdir(to);
  await writeFile(zip, await zipOf(photos));
  await run(command, args(zip, to), { env: { ...process.env, LC_ALL: "C.UTF-8" } });
  for (const [name, bytes] of photos)
    assert.deepEqual(await readFile(join(to, name)), Buffer.from(bytes), name);
}

const found = (command: string) =>
  (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, command)));

const programs: readonly [string, (zip: string, to: string) => string[]][] = [
  ["unzip", (zip, to) => ["-q", zip, "-d", to]],
  ["python3", (zip, to) => ["-m", "zipfile", "-e", zip, to]],
  ["bsdtar", (zip, to) => ["-xf", zip, "-C", to]],
  ["7z", (zip, to) => ["x", `-o${to}`, zip]],
];

for (const [command, args] of programs)
  test(`is unpacked by ${command}`, { skip: found(command) ? false : `there is no ${command}` }, (t) =>
    unpackedBy(t, command, args),
  );

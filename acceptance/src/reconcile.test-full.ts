import assert from "node:assert/strict";
import { globSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertSaid } from "./harness/assert-said.ts";
import { downloadOriginal, mintDownload } from "./harness/files.ts";
import { makeNoisePng } from "./harness/images.ts";
import { jsonLines, runCli } from "./harness/run-cli.ts";
import { createS3Requests, type S3Requests } from "./harness/s3-requests.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { uploadToEnd } from "./harness/upload.ts";

let server: Server;
let person: Person;
/** The bucket, as its operator reaches it. */
let bucket: S3Requests;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
  const secrets = JSON.parse(readFileSync(join(server.dataDir, "secrets.json"), "utf8")) as {
    bucketAccessKeyId: string;
    bucketSecretAccessKey: string;
  };
  bucket = createS3Requests({
    endpoint: server.bucket,
    bucket: "stowage",
    region: "us-east-1",
    credentials: {
      accessKeyId: secrets.bucketAccessKeyId,
      secretAccessKey: secrets.bucketSecretAccessKey,
    },
  });
});
after(async () => {
  bucket.close();
  await server.stop();
});

interface Line {
  readonly kind: string;
  readonly key?: string;
  readonly fileId?: string;
  readonly version?: number;
  readonly ownerId?: string;
  readonly derivative?: string;
  readonly mended?: boolean;
}

interface Summary extends Line {
  readonly objects: number;
  readonly versions: number;
  readonly derivatives: number;
  readonly people: number;
  readonly readBytes: number;
  readonly faults: number;
}

async function reconcile(...args: string[]) {
  const result = await runCli(["reconcile", "--json", "--data", server.dataDir, ...args]);
  assert.ok(result.status === 0 || result.status === 1, `${result.status}: ${result.stderr}`);
  assert.doesNotMatch(result.stderr, /^\s+at /m);
  const lines = jsonLines<Line>(result.stdout);
  const summary = lines.pop() as Summary;
  assert.equal(summary.kind, "summary");
  return { status: result.status, findings: lines, summary };
}

/** The files that hold objects of at least that size, each once. */
const objectFiles = (minBytes: number): string[] =>
  globSync("bucket/objects/**", { cwd: server.dataDir })
    .map((name) => join(server.dataDir, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size >= minBytes);

/** Uploads a picture and answers the paths of its file in the bucket, landing object and private copy. */
async function uploadPicture() {
  const picture = await makeNoisePng(300, 200);
  const known = new Set(objectFiles(picture.length));
  const upload = await uploadToEnd(person.api, picture);
  assert.equal(upload.state, "ready");
  const paths = objectFiles(picture.length).filter((path) => !known.has(path));
  const stored = paths.find((path) => path.includes("files")) ?? assert.fail("the private copy is no file");
  return { picture, fileId: upload.fileId, paths, stored };
}

function flipBit(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.length - 10_000;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test("an installation as it should be ends with 0 and says how much was looked at", async () => {
  const { picture } = await uploadPicture();
  const { status, findings, summary } = await reconcile("--deep");
  assert.deepEqual([status, findings], [0, []]);
  assert.ok(summary.objects >= 3 && summary.versions >= 1 && summary.people >= 1, JSON.stringify(summary));
  assert.ok(summary.derivatives >= 2 && summary.readBytes > picture.length, JSON.stringify(summary));
  assertSaid(await runCli(["reconcile", "--data", server.dataDir]), 0, /All is as it should be/);
});

test("a bit that flips on the disk is never served, and reconcile --deep names that file and no other", async () => {
  const sound = await uploadPicture();
  const damaged = await uploadPicture();
  const me = (await person.api.get<{ id: string }>("/v1/me")).body;
  for (const path of new Map(damaged.paths.map((each) => [statSync(each).ino, each])).values()) flipBit(path);
  const { url } = await mintDownload(person.api, damaged.fileId);
  const answered = await fetch(url).then(
    async (response) => ({ status: response.status, length: (await response.arrayBuffer()).byteLength }),
    () => undefined,
  );
  assert.ok(answered === undefined || answered.status >= 500, JSON.stringify(answered));

  assert.equal((await reconcile()).status, 0, "without --deep nothing is read");
  for (const args of [["--deep"], ["--deep", "--dry-run"]]) {
    const { status, findings, summary } = await reconcile(...args);
    assert.deepEqual([status, summary.faults], [1, 1]);
    assert.deepEqual(
      findings.map(({ kind, fileId, version, derivative }) => ({ kind, fileId, version, derivative })),
      [{ kind: "unreadable", fileId: damaged.fileId, version: 1, derivative: undefined }],
    );
    assert.match(findings[0]?.key ?? "", /^files\/[0-9a-f]{44}\/\d+\/original$/);
    if (me.id !== undefined) assert.equal(findings[0]?.ownerId, me.id);
  }
  const told = await runCli(["reconcile", "--deep", "--data", server.dataDir]);
  assert.equal(told.status, 1);
  assert.ok(told.stdout.includes(damaged.fileId) && !told.stdout.includes("picture.png"), told.stdout);
  assert.deepEqual((await downloadOriginal(person.api, sound.fileId)).bytes, sound.picture);
  // Mended by hand, as from a backup, it is served again and no finding any more.
  for (const path of new Map(damaged.paths.map((each) => [statSync(each).ino, each])).values()) flipBit(path);
  assert.deepEqual((await downloadOriginal(person.api, damaged.fileId)).bytes, damaged.picture);
  assert.equal((await reconcile("--deep")).status, 0);
});

test("an object that was deleted behind Stowage's back is told, and its row is kept", async () => {
  const { fileId, stored, picture } = await uploadPicture();
  const bytes = readFileSync(stored);
  rmSync(stored);
  const { status, findings } = await reconcile();
  assert.equal(status, 1);
  assert.deepEqual(
    findings.map(({ kind, fileId }) => [kind, fileId]),
    [["missing", fileId]],
  );
  assert.equal((await person.api.get(`/v1/files/${fileId}`)).status, 200);
  writeFileSync(stored, bytes);
  assert.equal((await reconcile("--deep")).status, 0);
  assert.deepEqual((await downloadOriginal(person.api, fileId)).bytes, picture);
});

test("a stray object is left while it is young, told by a dry run, and removed once it is old enough", async () => {
  const keys = ["files/stray/1/original", "uploads/stray"];
  for (const key of keys) assert.equal((await bucket.send("PUT", key, { body: "stray" })).status, 200);
  assert.deepEqual((await reconcile()).findings, []);
  const told = (lines: readonly Line[]) => lines.map(({ kind, key, mended }) => [kind, key, mended]);
  const dry = await reconcile("--dry-run", "--older-than", "0");
  assert.deepEqual(
    told(dry.findings),
    keys.map((key) => ["orphan", key, false]),
  );
  assert.equal((await bucket.send("HEAD", "uploads/stray")).status, 200);
  const wet = await reconcile("--older-than", "0");
  assert.deepEqual([wet.status, told(wet.findings)], [0, keys.map((key) => ["orphan", key, true])]);
  for (const key of keys) assert.equal((await bucket.send("HEAD", key)).status, 404);
  assert.deepEqual((await reconcile("--older-than", "0")).findings, []);
});

test("uploads under way are none of its business, however young", async () => {
  const picture = await makeNoisePng(200, 100);
  const stop = new AbortController();
  const passes = (async () => {
    let count = 0;
    while (!stop.signal.aborted) {
      const { status, findings } = await reconcile("--deep", "--older-than", "0");
      assert.deepEqual([status, findings], [0, []]);
      count += 1;
    }
    return count;
  })();
  for (let sent = 0; sent < 15; sent += 1)
    assert.equal((await uploadToEnd(person.api, picture)).state, "ready");
  stop.abort();
  assert.ok((await passes) > 0);
});

test("doctor finds a running server in order, and what is wrong with one that was stopped", async () => {
  const run = async () => {
    const result = await runCli(["doctor", "--json", "--data", server.dataDir]);
    const lines = jsonLines<{ check: string; status: string; detail: string; fix?: string }>(result.stdout);
    const failed = lines.filter(({ status }) => status === "failed").map(({ check }) => check);
    assert.equal(result.status, failed.length > 0 ? 1 : 0, result.stderr);
    return { failed, lines };
  };
  const { failed, lines } = await run();
  assert.deepEqual(failed, []);
  const find = (check: string) => lines.find((line) => line.check === check);
  assert.match(find("api")?.detail ?? "", /The server runs, and .* is ready/);
  assert.match(find("bucket")?.detail ?? "", /17 of 17/);
  assert.equal(find("database")?.status, "ok");
  assert.equal((await person.api.get("/v1/me")).status, 200, "the server goes on");
  const shown = await runCli(["doctor", "--data", server.dataDir]);
  assert.equal(shown.status, 0);
  for (const line of shown.stdout.split("\n")) assert.ok(line.length <= 80, line);
});

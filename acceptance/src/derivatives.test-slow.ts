import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { type Answer, askApi, assertProblem, assertProblemShape } from "./harness/api-client.ts";
import { makePdf } from "./harness/documents.ts";
import { deleteFile, getFile, mintDownload } from "./harness/files.ts";
import { freePortPair } from "./harness/free-ports.ts";
import { makeJpeg, readPicture } from "./harness/images.ts";
import { jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, type StoreAnswer } from "./harness/transfer.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { DownloadsAnswer, PresignedRequest } from "./harness/wire.ts";

const thumbnail = { name: "thumbnail", width: 100, height: 100, fit: "contain" };
const derivatives = [
  thumbnail,
  { name: "square", of: "image", width: 50, height: 50, fit: "cover", format: "jpeg", make: "ask" },
  { name: "page", of: "document", width: 300, height: 300, fit: "contain" },
];

let folder: string;
let dataDir: string;
/** The same after a restart: tokens and URLs are of this origin. */
let port: number;
let server: Server;
let person: Person;

const configure = (profile: object): Promise<void> =>
  writeFile(join(dataDir, "stowage.json"), JSON.stringify({ profiles: { default: profile } }), {
    mode: 0o600,
  });

before(async () => {
  folder = await makeFolder("derivatives");
  dataDir = join(folder, "data");
  // Makes the directory as it must be.
  await (await startServer({ dataDir })).stop();
  await configure({ derivatives });
  port = await freePortPair();
  server = await startServer({ dataDir, port, set: { "worker.sweepSeconds": 1 } });
  person = await addPerson(server);
});
after(async () => {
  await server.stop();
  await removeFolder(folder);
});

interface Asked {
  readonly version?: number;
  readonly derivative: string;
  readonly page?: number;
}

/** One mint, whatever it answers. */
async function ask(id: string, asked: Asked): Promise<Answer<DownloadsAnswer>> {
  const answer = await askApi<DownloadsAnswer>({
    origin: server.api,
    token: person.token,
    method: "POST",
    path: "/v1/downloads",
    json: { files: [{ id, ...asked }] },
  });
  if (answer.status >= 400) assertProblemShape(answer);
  return answer;
}

/** Asks as a client does: again while it is being made. */
const given = (id: string, asked: Asked): Promise<PresignedRequest> =>
  waitFor(`${asked.derivative} to be made`, async () => {
    const answer = await ask(id, asked);
    if (answer.status === 503) {
      assertProblem(answer, 503, "derivative-pending");
      return undefined;
    }
    assert.equal(answer.status, 200, answer.text);
    return answer.body.items[0]?.request;
  });

const fetchGiven = async (id: string, asked: Asked): Promise<StoreAnswer> =>
  fetchBytes(await given(id, asked));

interface Summary {
  readonly kind: "summary";
  readonly faults: number;
  readonly findings: Readonly<Record<string, number>>;
}

async function assertReconciled(): Promise<void> {
  const { stdout, stderr } = await runCli(["reconcile", "--dry-run", "--deep", "--json", "--data", dataDir]);
  const summary = jsonLines<Summary>(stdout).find(({ kind }) => kind === "summary");
  assert.deepEqual([summary?.faults, summary?.findings], [0, {}], stdout + stderr);
}

test("a derivative for the asking is not there before it is asked for, then is made once for all who ask", async () => {
  const { fileId } = await uploadToEnd(person.api, await makeJpeg({ width: 400, height: 200 }), {
    contentType: "image/jpeg",
    name: "photo.jpg",
  });
  const names = async () => (await getFile(person.api, fileId)).derivatives.map(({ name }) => name);
  assert.deepEqual(await names(), ["thumbnail"]);
  const first = await Promise.all(Array.from({ length: 5 }, () => ask(fileId, { derivative: "square" })));
  assertProblem(first[0] ?? assert.fail(), 503, "derivative-pending");
  const stored = await fetchGiven(fileId, { derivative: "square" });
  assert.deepEqual(await readPicture(stored.bytes), { format: "jpeg", width: 50, height: 50 });
  assert.match(stored.headers.get("content-disposition") ?? "", /inline;.*photo-square\.jpg/);
  assert.deepEqual(await names(), ["thumbnail", "square"]);
  assert.equal((await ask(fileId, { derivative: "square" })).status, 200);
  await assertReconciled();
});

test("pages of a document are shown by their number, made when they are asked for", async () => {
  const { fileId } = await uploadToEnd(person.api, makePdf(3), {
    contentType: "application/pdf",
    name: "report.pdf",
  });
  const first = await fetchBytes(await mintDownload(person.api, fileId, { derivative: "page" }));
  assert.equal((await ask(fileId, { derivative: "page", page: 1 })).status, 200, "it has that already");
  const second = await fetchGiven(fileId, { derivative: "page", page: 2 });
  assert.notDeepEqual(second.bytes, first.bytes);
  assert.equal((await readPicture(second.bytes)).height, 300);
  assert.match(second.headers.get("content-disposition") ?? "", /report-page-2\.webp/);
  const redirect = await person.api.get(`/v1/files/${fileId}/content?derivative=page&page=2`);
  assert.equal(redirect.status, 302);
  assertProblem(await ask(fileId, { derivative: "page", page: 4 }), 404, "not-found");
  assertProblem(await ask(fileId, { derivative: "square" }), 404, "not-found");
  for (const page of [0, -1, 1.5, 1e9])
    assertProblem(await ask(fileId, { derivative: "page", page }), 400, "validation-failed");
  await assertReconciled();
});

test("what is trashed and purged leaves none of its derivatives behind", async () => {
  const { fileId } = await uploadToEnd(person.api, makePdf(2), {
    contentType: "application/pdf",
    name: "a.pdf",
  });
  const page = await given(fileId, { derivative: "page", page: 2 });
  assert.equal((await fetchBytes(page)).status, 200);
  await deleteFile(person.api, fileId);
  assertProblem(await ask(fileId, { derivative: "page", page: 2 }), 404, "not-found");
  await deleteFile(person.api, fileId, "?permanent=true");
  await waitFor("the page's bytes to go", async () => (await fetchBytes(page)).status === 404);
  await assertReconciled();
});

test("stowage get waits for what is made on ask, and saves it under its own ending", async () => {
  const photo = await uploadToEnd(person.api, await makeJpeg(), {
    contentType: "image/jpeg",
    name: "photo.jpg",
  });
  const report = await uploadToEnd(person.api, makePdf(2), { contentType: "application/pdf", name: "r.pdf" });
  const env = { STOWAGE_SERVER: server.api, STOWAGE_TOKEN: person.token, HOME: folder };
  const get = (...args: readonly string[]) => runCli(["get", ...args], { cwd: folder, env });
  for (const [args, name, format] of [
    [[photo.fileId, "--derivative", "square"], "photo-square.jpg", "jpeg"],
    [[report.fileId, "--derivative", "page", "--page", "2"], "r-page-2.webp", "webp"],
  ] as const) {
    const { status, stderr } = await get(...args);
    assert.equal(status, 0, stderr);
    assert.equal((await readPicture(await readFile(join(folder, name)))).format, format);
  }
  assert.equal((await get(report.fileId, "--page", "2")).status, 2);
});

interface RederiveLine {
  readonly kind: string;
  readonly name?: string;
  readonly madeAs?: string;
  readonly outcome?: string;
  readonly versions?: number;
  readonly asked?: number;
  readonly found?: number;
}

async function rederive(...args: readonly string[]): Promise<RederiveLine[]> {
  const { status, stdout, stderr } = await runCli(["rederive", "--json", "--data", dataDir, ...args]);
  assert.equal(status, 0, stderr);
  return jsonLines<RederiveLine>(stdout);
}

test("stowage rederive has anew what a changed profile says otherwise, while all is still shown", async () => {
  const { fileId } = await uploadToEnd(person.api, await makeJpeg({ width: 400, height: 200 }), {
    contentType: "image/jpeg",
    name: "photo.jpg",
  });
  assert.deepEqual((await rederive()).at(-1)?.asked, 0, "nothing has changed");
  const old = await mintDownload(person.api, fileId, { derivative: "thumbnail" });

  await server.stop();
  const icon = { name: "icon", of: "image", width: 16, height: 16, fit: "cover", format: "png" };
  await configure({ derivatives: [{ ...thumbnail, width: 60 }, icon, ...derivatives.slice(1)] });
  const found = await rederive("--dry-run");
  assert.ok(found.some(({ name, madeAs }) => name === "icon" && madeAs === "16x16-cover-png"));
  assert.equal(found.at(-1)?.asked, 0);
  server = await startServer({ dataDir, port, set: { "worker.sweepSeconds": 1 } });
  assert.equal(
    (await getFile(person.api, fileId)).derivatives[0]?.width,
    100,
    "as it was, until it is asked for",
  );
  const asked = await rederive();
  assert.equal(asked.at(-1)?.asked, found.at(-1)?.found);
  const made = await waitFor("the derivatives to be made anew", async () => {
    const { derivatives: has } = await getFile(person.api, fileId);
    return has.length === 2 && has[0]?.width === 60 && has;
  });
  assert.deepEqual(
    made.map(({ name, width, height }) => [name, width, height]),
    [
      ["thumbnail", 60, 30],
      ["icon", 16, 16],
    ],
  );
  assert.equal((await fetchBytes(old)).status, 200, "its URL lives");
  const stored = await fetchBytes(await mintDownload(person.api, fileId, { derivative: "thumbnail" }));
  assert.deepEqual(await readPicture(stored.bytes), { format: "webp", width: 60, height: 30 });
  await waitFor("all of it to be made", async () => (await rederive("--dry-run")).at(-1)?.found === 0);
  await assertReconciled();
});

test("stowage rederive names a profile that there is not", async () => {
  const { status, stderr } = await runCli(["rederive", "--data", dataDir, "--profile", "report"]);
  assert.equal(status, 2);
  assert.match(stderr, /There is no profile "report"; there are: default/);
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { listAll } from "./harness/files.ts";
import { cutShort, makeJpeg, makePng, makePngBomb } from "./harness/images.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, putRequestOf, sha256Of } from "./harness/transfer.ts";
import {
  completeUpload,
  createUpload,
  getUpload,
  intentOf,
  sendUpload,
  uploadToEnd,
} from "./harness/upload.ts";
import type { DownloadsAnswer, StoredFile, Upload } from "./harness/wire.ts";

let paused: Server;
let running: Server;
let waiting: Person;
let person: Person;

before(async () => {
  [paused, running] = await Promise.all([startServer({ set: { "worker.concurrency": 0 } }), startServer()]);
  [waiting, person] = await Promise.all([addPerson(paused), addPerson(running)]);
});
after(() => Promise.all([paused.stop(), running.stop()]));

async function assertUnreadable({ api }: Person, upload: Upload): Promise<void> {
  for (const path of ["", "/content", "/content?derivative=thumbnail", "/content?derivative=original"])
    assert.equal((await api.get(`/v1/files/${upload.fileId}${path}`)).status, 404, path);
  for (const derivative of [undefined, "thumbnail"]) {
    const answer = await api.post<DownloadsAnswer>("/v1/downloads", {
      files: [{ id: upload.fileId, ...(derivative === undefined ? {} : { derivative }) }],
    });
    const problem = answer.body.items[0]?.problem;
    assert.equal(problem?.code, "not-found", answer.text);
    assert.equal(answer.body.items[0]?.request, undefined);
  }
  const listed = await listAll<StoredFile>(api, "/v1/files");
  assert.ok(!listed.some(({ id, sha256 }) => id === upload.fileId || sha256 === upload.sha256));
}

test("a pending upload's file can't be read", async () => {
  const upload = await createUpload(waiting.api, intentOf(await makePng()));
  await assertUnreadable(waiting, upload);
  assert.equal((await fetchBytes(putRequestOf(upload).url)).status, 403);
});

test("bytes that have landed can't be read, by the API or by their key", async () => {
  const upload = await sendUpload(waiting.api, await makePng());
  await assertUnreadable(waiting, upload);
  assert.equal((await fetchBytes(putRequestOf(upload).url)).status, 403);
  const bare = putRequestOf(upload).url.replace(/\?.*/, "");
  assert.equal((await fetchBytes(bare)).status, 403);
});

test("a completed upload's file can't be read before verification says yes", async () => {
  const upload = await sendUpload(waiting.api, await makePng());
  assert.equal((await completeUpload(waiting.api, upload.id)).state, "uploaded");
  await assertUnreadable(waiting, upload);
  assert.equal((await getUpload(waiting.api, upload.id)).state, "uploaded");
});

const html = Buffer.from("<!doctype html><script>alert(document.domain)</script>");

for (const [what, make, contentType, codes] of [
  ["a page of HTML called a PNG", async () => html, "image/png", /^(type-mismatch|corrupt|active-content)$/],
  ["a JPEG called a PNG", () => makeJpeg(), "image/png", /^type-mismatch$/],
  ["a PNG called a JPEG", () => makePng(), "image/jpeg", /^type-mismatch$/],
  ["text called a PDF", async () => Buffer.from("hello"), "application/pdf", /^(type-mismatch|corrupt)$/],
  ["half a PNG", async () => cutShort(await makePng({ width: 300, height: 300 })), "image/png", /^corrupt$/],
  [
    "half a JPEG",
    async () => cutShort(await makeJpeg({ width: 300, height: 300 })),
    "image/jpeg",
    /^corrupt$/,
  ],
  [
    "a PNG with a byte flipped in its pixels",
    async () => {
      const picture = await makePng({ width: 300, height: 300 });
      const at = picture.indexOf("IDAT") + 2000;
      picture[at] = (picture[at] ?? 0) ^ 0xff;
      return picture;
    },
    "image/png",
    /^corrupt$/,
  ],
  ["a bomb of 268 megapixels", async () => makePngBomb(16_384, 16_384), "image/png", /^too-many-pixels$/],
  ["a bomb of 900 megapixels", async () => makePngBomb(30_000, 30_000), "image/png", /^too-many-pixels$/],
  ["one byte", async () => Buffer.from("x"), "image/png", /^(type-mismatch|corrupt)$/],
] as const)
  test(`${what} is rejected with a sentence and never readable`, async () => {
    const bytes = await make();
    const upload = await uploadToEnd(person.api, bytes, { contentType }, { timeoutMs: 60_000 });
    assert.equal(upload.state, "rejected");
    assert.match(upload.rejection?.code ?? "", codes);
    assert.match(upload.rejection?.detail ?? "", /^\S.+ .+[.!?]$/s, "a sentence for the person");
    const { events = [] } = await getUpload(person.api, upload.id);
    assert.equal(events.at(-1)?.type, "rejected");
    await assertUnreadable(person, upload);
  });

test("after all that the worker still verifies the next picture", async () => {
  const picture = await makePng();
  const upload = await uploadToEnd(person.api, picture);
  assert.equal(upload.state, "ready");
  assert.equal(upload.sha256, sha256Of(picture));
});

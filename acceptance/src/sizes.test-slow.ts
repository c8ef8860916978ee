import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { getMe } from "./harness/files.ts";
import { sendRaw } from "./harness/raw-http.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { putRequestOf } from "./harness/transfer.ts";
import { createUpload, emptyPromise, intentOf } from "./harness/upload.ts";
import type { Problem } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

test("pictures and PDFs may have 20 MB, as /v1/me says, and not a byte more", async () => {
  const me = await getMe(person.api);
  const types = me.profiles.find(({ name }) => name === "default")?.types ?? [];
  for (const contentType of ["image/jpeg", "image/png", "image/webp", "application/pdf"]) {
    const most = types.find((type) => type.contentType === contentType)?.maxSizeBytes;
    assert.ok(most === 20_000_000 || most === 20 * 1024 * 1024, `${contentType}: ${most}`);
    assert.equal((await createUpload(person.api, emptyPromise(most, { contentType }))).sizeBytes, most);
    const { reservedBytes } = await getMe(person.api);
    const answer = await person.api.post<Problem>("/v1/uploads", {
      files: [emptyPromise(most + 1, { contentType }), emptyPromise(4_000_000_000_000, { contentType })],
    });
    assertProblem(answer, 413, "file-too-large");
    assert.equal(answer.body.items?.length, 2);
    assert.ok(answer.body.items.every(({ problem }) => problem?.code === "file-too-large"));
    assert.equal((await getMe(person.api)).reservedBytes, reservedBytes, "what was refused reserves nothing");
  }
});

test("types that are not taken are refused at once", async () => {
  for (const contentType of ["image/svg+xml", "text/html", "application/x-msdownload", "application/zip"]) {
    const answer = await person.api.post("/v1/uploads", { files: [emptyPromise(10, { contentType })] });
    assertProblem(answer, 415, "type-not-allowed");
  }
});

test("21 MB sent where 19 MB were declared are refused, whatever length the sender claims", async () => {
  const declared = randomBytes(19_000_000);
  const sent = Buffer.concat([declared, Buffer.alloc(2_000_000)]);
  const upload = await createUpload(person.api, intentOf(declared));
  const request = putRequestOf(upload);
  const url = new URL(request.url);
  const answer = await sendRaw(url.origin, {
    method: "PUT",
    target: `${url.pathname}${url.search}`,
    headers: [...Object.entries(request.headers), ["Content-Length", String(sent.length)]],
    body: [sent],
  });
  // It may hang up on the rest of the body before its answer is read.
  assert.ok(answer === undefined || answer.status === 403, `${answer?.status}`);
  assertProblem(await person.api.send("POST", `/v1/uploads/${upload.id}/complete`), 409, "bytes-missing");
  assert.equal((await person.api.delete(`/v1/uploads/${upload.id}`)).status < 300, true);
});

test("a PUT that announces more than it may is refused before it has sent it", async () => {
  const upload = await createUpload(person.api, emptyPromise(19_000_000));
  const request = putRequestOf(upload);
  const url = new URL(request.url);
  const answer = await sendRaw(url.origin, {
    method: "PUT",
    target: `${url.pathname}${url.search}`,
    headers: [...Object.entries(request.headers), ["Content-Length", "21000000"]],
    body: [Buffer.alloc(10_000)],
  });
  assert.equal(answer?.status, 403);
});

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { getMe } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { putRequestOf, sendBytes, sha256Of } from "./harness/transfer.ts";
import {
  createUpload,
  emptyPromise,
  getUpload,
  intentOf,
  sendUpload,
  uploadToEnd,
  waitForEnd,
  waitForEnds,
} from "./harness/upload.ts";
import type { CompleteBatchAnswer, CreateAnswer, Problem } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

test("a batch with one file of a type that is not taken uploads the other 99", async () => {
  const pictures = await Promise.all(Array.from({ length: 100 }, () => makePng({ width: 8, height: 8 })));
  const files = pictures.map((bytes, index) =>
    intentOf(bytes, index === 42 ? { contentType: "application/x-msdownload", name: "a.exe" } : {}),
  );
  const answer = await person.api.post<CreateAnswer>("/v1/uploads", { files });
  assert.equal(answer.status, 201, answer.text.slice(0, 500));
  const { items } = answer.body;
  assert.deepEqual(
    items.map(({ ref }) => ref),
    files.map(({ ref }) => ref),
    "answers come in the order of the files",
  );
  for (const [index, { upload, problem }] of items.entries()) {
    assert.equal(upload === undefined, index === 42, `item ${index}`);
    assert.equal(problem === undefined, index !== 42, `item ${index}`);
  }
  assert.equal(items[42]?.problem?.code, "type-not-allowed");
  assert.equal(items[42]?.problem?.status, 415);

  const uploads = items.flatMap(({ upload }) => (upload === undefined ? [] : [upload]));
  await Promise.all(
    uploads.map(async (upload) => {
      const bytes = pictures.find((picture) => sha256Of(picture) === upload.sha256);
      assert.ok(bytes);
      assert.equal((await sendBytes(putRequestOf(upload), bytes)).status, 200);
    }),
  );
  const ids = uploads.map(({ id }) => id);
  const completed = await person.api.post<CompleteBatchAnswer>("/v1/uploads/complete", { ids });
  assert.ok(completed.status === 202 || completed.status === 200, completed.text.slice(0, 500));
  assert.deepEqual(
    completed.body.items.map(({ id }) => id),
    ids,
  );
  for (const upload of await waitForEnds(person.api, ids))
    assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));
});

test("a completion of several says of each what became of it", async () => {
  const sent = await sendUpload(person.api, await makePng());
  const unsent = await createUpload(person.api, intentOf(await makePng()));
  const ids = [sent.id, unsent.id, "no-such-upload"];
  const { body, status } = await person.api.post<CompleteBatchAnswer>("/v1/uploads/complete", { ids });
  assert.equal(status, 202);
  assert.ok(body.items[0]?.upload);
  assert.equal(body.items[1]?.problem?.code, "bytes-missing");
  assert.equal(body.items[2]?.problem?.code, "not-found");
});

test("a batch whose items all fail in one way answers with that status and still with its items", async () => {
  const wrong = () => emptyPromise(10, { contentType: "application/x-msdownload" });
  const answer = await person.api.post<Problem>("/v1/uploads", { files: [wrong(), wrong()] });
  assertProblem(answer, 415, "type-not-allowed");
  assert.equal(answer.body.items?.length, 2);
  assert.ok(answer.body.items.every(({ problem }) => problem?.code === "type-not-allowed"));
});

test("a batch whose items fail in different ways is answered item by item", async () => {
  const files = [
    emptyPromise(10, { contentType: "application/x-msdownload" }),
    emptyPromise(30_000_000, { contentType: "image/png" }),
  ];
  const answer = await person.api.post<CreateAnswer>("/v1/uploads", { files });
  assert.ok(answer.status < 500);
  assert.deepEqual(
    answer.body.items.map(({ problem }) => problem?.status),
    [415, 413],
  );
});

test("an unknown profile, an empty file and a missing digest fail their item alone", async () => {
  const { sha256: _left, ...withoutDigest } = emptyPromise(10);
  const files = [
    emptyPromise(10),
    { ...emptyPromise(10), profile: "no-such-profile" },
    emptyPromise(0),
    withoutDigest,
  ];
  const answer = await person.api.post<CreateAnswer>("/v1/uploads", { files });
  assert.equal(answer.status, 201, answer.text);
  const { items } = answer.body;
  assert.equal(items[0]?.upload?.state, "pending");
  for (const index of [1, 2, 3]) assert.equal(items[index]?.problem?.status, 400, `item ${index}`);
});

test("the same ref again answers the same upload with a fresh request, and reserves once", async () => {
  const { api } = await addPerson(server, "again");
  const picture = await makePng();
  const intent = intentOf(picture);
  const first = await createUpload(api, intent);
  const second = await createUpload(api, intent);
  assert.equal(second.id, first.id);
  assert.equal(second.fileId, first.fileId);
  const me = await getMe(api);
  assert.deepEqual([me.reservedBytes, me.openUploads], [picture.length, 1]);
  assert.equal((await sendBytes(putRequestOf(second), picture)).status, 200);
});

test("fifty creates of one ref at once are one upload", async () => {
  const { api } = await addPerson(server, "crowd");
  const intent = intentOf(await makePng());
  const uploads = await Promise.all(Array.from({ length: 50 }, () => createUpload(api, intent)));
  assert.equal(new Set(uploads.map(({ id }) => id)).size, 1);
  const me = await getMe(api);
  assert.deepEqual([me.reservedBytes, me.openUploads], [intent.sizeBytes, 1]);
});

test("the same ref twice in one batch is one upload", async () => {
  const intent = intentOf(await makePng());
  const { body } = await person.api.post<CreateAnswer>("/v1/uploads", { files: [intent, intent] });
  assert.ok(body.items[0]?.upload);
  assert.equal(body.items[1]?.upload?.id, body.items[0].upload.id);
});

test("the same ref with another digest or size is refused, also within a batch and after ready", async () => {
  const picture = await makePng();
  const intent = intentOf(picture);
  await createUpload(person.api, intent);
  const otherDigest = { ...intent, sha256: sha256Of(Buffer.from("other")) };
  const otherSize = { ...intent, sizeBytes: intent.sizeBytes + 1 };
  for (const other of [otherDigest, otherSize]) {
    const answer = await person.api.post<Problem>("/v1/uploads", { files: [other] });
    assertProblem(answer, 409, "ref-reused");
    assert.equal(answer.body.items?.[0]?.problem?.code, "ref-reused");
  }
  const ref = randomUUID();
  const { body } = await person.api.post<CreateAnswer>("/v1/uploads", {
    files: [
      { ...intent, ref },
      { ...otherDigest, ref },
    ],
  });
  assert.equal(body.items[0]?.upload?.state, "pending");
  assert.equal(body.items[1]?.problem?.code, "ref-reused");
  const ready = await uploadToEnd(person.api, picture, { ref: `${ref}-ready` });
  assert.equal(ready.state, "ready");
  const late = { ...otherDigest, ref: `${ref}-ready` };
  assertProblem(await person.api.post("/v1/uploads", { files: [late] }), 409, "ref-reused");
});

test("the same ref of a ready upload answers that one, without a request", async () => {
  const picture = await makePng();
  const ready = await uploadToEnd(person.api, picture, { ref: randomUUID() });
  const again = await createUpload(person.api, intentOf(picture, { ref: ready.ref ?? "" }));
  assert.equal(again.id, ready.id);
  assert.equal(again.state, "ready");
  assert.equal(again.transfer, undefined);
});

test("the same ref after an abort or a rejection opens a new attempt, of other bytes too", async () => {
  const picture = await makePng();
  const aborted = await createUpload(person.api, intentOf(picture));
  await person.api.delete(`/v1/uploads/${aborted.id}`);
  const afterAbort = await uploadToEnd(person.api, picture, { ref: aborted.ref ?? "" });
  assert.notEqual(afterAbort.id, aborted.id);
  assert.equal(afterAbort.state, "ready");

  const junk = Buffer.from("this is no picture");
  const rejected = await uploadToEnd(person.api, junk, { ref: randomUUID() });
  assert.equal(rejected.state, "rejected");
  const other = await makePng();
  const afterReject = await uploadToEnd(person.api, other, { ref: rejected.ref ?? "" });
  assert.notEqual(afterReject.id, rejected.id);
  assert.equal(afterReject.state, "ready");
  assert.equal((await getUpload(person.api, rejected.id)).state, "rejected");
});

test("a ref belongs to its person: another one's same ref is another upload", async () => {
  const intent = intentOf(await makePng());
  const mine = await createUpload(person.api, intent);
  const other = await addPerson(server, "other");
  const theirs = await createUpload(other.api, intent);
  assert.notEqual(theirs.id, mine.id);
});

test("two uploads without a ref are two uploads", async () => {
  const { ref: _left, ...intent } = intentOf(await makePng());
  const one = await createUpload(person.api, intent);
  const two = await createUpload(person.api, intent);
  assert.notEqual(one.id, two.id);
  assert.equal(one.ref, null);
});

test("aborting twice is aborting once, and an upload that has ended can't be aborted", async () => {
  const upload = await createUpload(person.api, intentOf(await makePng()));
  for (let round = 0; round < 2; round += 1) {
    const answer = await person.api.delete(`/v1/uploads/${upload.id}`);
    assert.ok(answer.status === 200 || answer.status === 204, answer.text);
  }
  assertProblem(await person.api.send("POST", `/v1/uploads/${upload.id}/complete`), 409, "upload-gone");
  assertProblem(await person.api.post(`/v1/uploads/${upload.id}/urls`, {}), 409, "upload-gone");
  const ready = await uploadToEnd(person.api, await makePng());
  assertProblem(await person.api.delete(`/v1/uploads/${ready.id}`), 409, "upload-not-pending");
  assert.equal((await waitForEnd(person.api, ready.id)).state, "ready");
});

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { addPerson } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { deleteFile, getMe } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { cutParts, sendParts, videoIntentOf } from "./harness/multipart.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { completeUpload, createUpload, emptyPromise, uploadToEnd, waitForEnd } from "./harness/upload.ts";
import { makeVideo } from "./harness/videos.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { CreateAnswer, Problem } from "./harness/wire.ts";

const quotaBytes = 1_000_000;
let quota: Server;
let open: Server;
let rate: Server;

before(async () => {
  [quota, open, rate] = await Promise.all([
    startServer({ set: { "limits.quotaBytes": quotaBytes } }),
    startServer({ set: { "limits.openUploads": 3 } }),
    startServer({ set: { "limits.createsPerMinute": 5 } }),
  ]);
});
after(() => Promise.all([quota.stop(), open.stop(), rate.stop()]));

test("the quota is exact to the byte under fifty creates at once", async () => {
  const { api } = await addPerson(quota);
  assert.equal((await getMe(api)).quotaBytes, quotaBytes);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      api.post<CreateAnswer & Problem>("/v1/uploads", { files: [emptyPromise(30_000)] }),
    ),
  );
  const created = answers.filter(({ status }) => status === 201);
  assert.equal(created.length, 33);
  for (const refused of answers.filter(({ status }) => status !== 201)) {
    assertProblem(refused, 403, "quota-exceeded");
    assert.equal(refused.body.items?.[0]?.problem?.code, "quota-exceeded");
  }
  assert.equal((await getMe(api)).reservedBytes, 990_000);
  assertProblem(await api.post("/v1/uploads", { files: [emptyPromise(10_001)] }), 403, "quota-exceeded");
  await createUpload(api, emptyPromise(10_000));
  assertProblem(await api.post("/v1/uploads", { files: [emptyPromise(1)] }), 403, "quota-exceeded");
  assert.equal((await getMe(api)).reservedBytes, quotaBytes);

  const id = created[0]?.body.items[0]?.upload?.id ?? "";
  await Promise.all(Array.from({ length: 10 }, () => api.delete(`/v1/uploads/${id}`)));
  await waitFor("an abort to free its bytes once", async () => (await getMe(api)).reservedBytes === 970_000);
  await createUpload(api, emptyPromise(30_000));
  assertProblem(await api.post("/v1/uploads", { files: [emptyPromise(1)] }), 403, "quota-exceeded");
});

test("a multipart counts all of its declared bytes from the start, whatever has been sent", async () => {
  const video = makeVideo(20_000_001);
  const large = await startServer({ set: { "limits.quotaBytes": 50_000_000 } });
  try {
    const { api } = await addPerson(large);
    const made = await Promise.all(
      Array.from({ length: 6 }, () =>
        api.post<CreateAnswer & Problem>("/v1/uploads", { files: [videoIntentOf(video)] }),
      ),
    );
    const created = made.flatMap(({ body }) => body.items ?? []).flatMap(({ upload }) => upload ?? []);
    assert.equal(created.length, 2);
    assert.equal((await getMe(api)).reservedBytes, 2 * video.length);
    const [first, second] = created;
    assert.ok(first && second);
    await sendParts(api, first.id, cutParts(first, video));
    assert.equal((await getMe(api)).reservedBytes, 2 * video.length);
    assert.equal((await api.delete(`/v1/uploads/${second.id}`)).status, 200);
    assert.equal((await getMe(api)).reservedBytes, video.length);
    await completeUpload(api, first.id);
    assert.equal((await waitForEnd(api, first.id)).state, "ready");
    const me = await getMe(api);
    assert.deepEqual([me.usedBytes, me.reservedBytes, me.openUploads], [video.length, 0, 0]);
  } finally {
    await large.stop();
  }
});

test("within one batch the quota goes to the first and the rest are told so", async () => {
  const { api } = await addPerson(quota);
  const sizes = [600_000, 500_000, 400_000, 1];
  const { status, body } = await api.post<CreateAnswer>("/v1/uploads", {
    files: sizes.map((size) => emptyPromise(size)),
  });
  assert.equal(status, 201);
  assert.deepEqual(
    body.items.map(({ problem }) => problem?.code),
    [undefined, "quota-exceeded", undefined, "quota-exceeded"],
  );
});

test("batches at once share the quota exactly", async () => {
  const { api } = await addPerson(quota);
  const batches = await Promise.all(
    Array.from({ length: 5 }, () =>
      api.post<CreateAnswer>("/v1/uploads", {
        files: Array.from({ length: 20 }, () => emptyPromise(17_000)),
      }),
    ),
  );
  const created = batches.flatMap(({ body }) => body.items).filter(({ upload }) => upload !== undefined);
  assert.equal(created.length, Math.floor(quotaBytes / 17_000));
  assert.equal((await getMe(api)).reservedBytes, created.length * 17_000);
});

test("what is rejected counts no longer, what is ready counts until it is purged", async () => {
  const { api } = await addPerson(quota);
  const junk = await uploadToEnd(api, randomBytes(900_000));
  assert.equal(junk.state, "rejected");
  const me = await getMe(api);
  assert.deepEqual([me.usedBytes, me.reservedBytes, me.openUploads], [0, 0, 0]);

  const picture = await makePng();
  const ready = await uploadToEnd(api, picture);
  assert.equal(ready.state, "ready");
  const rest = quotaBytes - picture.length;
  const tooMuch = () => api.post("/v1/uploads", { files: [emptyPromise(rest + 1)] });
  assertProblem(await tooMuch(), 403, "quota-exceeded");
  await deleteFile(api, ready.fileId);
  assertProblem(await tooMuch(), 403, "quota-exceeded");
  await deleteFile(api, ready.fileId, "?permanent=true");
  assert.equal((await tooMuch()).status, 201);
});

test("the cap on open uploads holds under creates at once, and an end of one makes room", async () => {
  const { api } = await addPerson(open);
  assert.equal((await getMe(api)).limits.openUploads, 3);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => api.post<CreateAnswer>("/v1/uploads", { files: [emptyPromise(10)] })),
  );
  const created = answers.filter(({ status }) => status === 201);
  assert.equal(created.length, 3);
  for (const refused of answers.filter(({ status }) => status !== 201))
    assertProblem(refused, 429, "too-many-open-uploads");
  assert.equal((await getMe(api)).openUploads, 3);
  await api.delete(`/v1/uploads/${created[0]?.body.items[0]?.upload?.id}`);
  await createUpload(api, emptyPromise(10));
  assertProblem(await api.post("/v1/uploads", { files: [emptyPromise(10)] }), 429, "too-many-open-uploads");
});

test("within one batch the last places go to the first, and uploads that end make room", async () => {
  const { api } = await addPerson(open);
  await createUpload(api, emptyPromise(10));
  const { status, body } = await api.post<CreateAnswer>("/v1/uploads", {
    files: Array.from({ length: 4 }, () => emptyPromise(10)),
  });
  assert.equal(status, 201);
  assert.deepEqual(
    body.items.map(({ problem }) => problem?.code),
    [undefined, undefined, "too-many-open-uploads", "too-many-open-uploads"],
  );
  for (const { upload } of body.items) if (upload) await api.delete(`/v1/uploads/${upload.id}`);
  assert.equal((await uploadToEnd(api, await makePng())).state, "ready");
  assert.equal((await uploadToEnd(api, Buffer.from("junk"))).state, "rejected");
  assert.equal((await getMe(api)).openUploads, 1);
});

test("a person who creates too fast is told when to come back, and another person is not", async () => {
  const { api } = await addPerson(rate, "hasty");
  const create = () => api.post<Problem>("/v1/uploads", { files: [emptyPromise(10)] });
  for (let n = 0; n < 5; n += 1) {
    const answer = await create();
    assert.equal(answer.status, 201, answer.text);
    assert.ok(
      answer.headers.has("ratelimit") || answer.headers.has("ratelimit-remaining"),
      "no RateLimit header",
    );
  }
  const refused = await create();
  assertProblem(refused, 429, "rate-limited");
  const seconds = Number(refused.headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 60, `${seconds}`);
  assert.equal((await api.get("/v1/me")).status, 200, "reading goes on");
  const calm = await addPerson(rate, "calm");
  assert.equal((await calm.api.post("/v1/uploads", { files: [emptyPromise(10)] })).status, 201);
});

test("parts have an allowance of their own, as large as that of creates", async () => {
  const { api } = await addPerson(rate, "in-parts");
  const upload = await createUpload(api, emptyPromise(40_000_000, { contentType: "video/mp4" }));
  const mint = (count: number) =>
    api.post<Problem>(`/v1/uploads/${upload.id}/urls`, {
      parts: Array.from({ length: count }, (_, n) => ({ partNumber: n + 1, sha256: "0".repeat(64) })),
    });
  const first = await mint(5);
  assert.equal(first.status, 200, first.text);
  assert.match(first.headers.get("ratelimit") ?? "", /^"parts";r=0/);
  const refused = await mint(1);
  assertProblem(refused, 429, "rate-limited");
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  await createUpload(api, emptyPromise(10));
});

test("a batch costs as much of the rate as its files", async () => {
  const { api } = await addPerson(rate, "batches");
  const files = (count: number) => ({ files: Array.from({ length: count }, () => emptyPromise(10)) });
  const first = await api.post("/v1/uploads", files(4));
  assert.equal(first.status, 201, first.text);
  assertProblem(await api.post("/v1/uploads", files(4)), 429, "rate-limited");
});

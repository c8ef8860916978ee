import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { singlePutLimitBytes } from "./decide-transfer.ts";
import type { Progress } from "./progress.ts";
import {
  captivePortal,
  type Fault,
  problemOf,
  problemReply,
  type ScriptedServer,
  type ScriptedServerOptions,
  startScriptedServer,
  storeError,
} from "./testing/index.contract.ts";
import { type BytesSource, sourceOf, testPlatform } from "./testing/test-platform.contract.ts";
import { uploadMany } from "./upload-many.ts";
import { createUploader } from "./uploader.ts";

type Platform = Parameters<typeof testPlatform>[1];

const partSizeBytes = 1000;
const bytes = Buffer.from(Array.from({ length: 6500 }, (_, index) => (index * 7) % 251));
const partCount = 7;
const video = sourceOf("clip.mp4", bytes, "video/mp4");

async function setUp(t: TestContext, options: ScriptedServerOptions = {}, platform: Platform = {}) {
  const server = await startScriptedServer({ singlePutLimitBytes: 1000, partSizeBytes, ...options });
  t.after(() => server.close());
  return { server, client: createUploader(testPlatform(server.url, platform)) };
}

const partNumberOf = (path: string): number => Number(/[?&]partNumber=(\d+)/.exec(path)?.[1] ?? 0);

/** A fault that befalls the first requests of a part. */
function onPart<F extends Fault>(partNumber: number, ...faults: F[]) {
  return ({ path }: { path: string }): F | undefined =>
    partNumberOf(path) === partNumber ? faults.shift() : undefined;
}

/** How often each part was put, in the order of their numbers. */
const putsOf = ({ seen }: ScriptedServer, from = 0): number[] => {
  const puts = seen.slice(from).filter(({ method }) => method === "PUT");
  return Array.from(
    { length: partCount },
    (_, index) => puts.filter(({ path }) => partNumberOf(path) === index + 1).length,
  );
};
const once = Array.from({ length: partCount }, () => 1);
const onceBut = (partNumber: number, times: number) => once.with(partNumber - 1, times);

function assertWhole(server: ScriptedServer, expected: Buffer = bytes): void {
  assert.equal(server.store.objects.size, 1);
  assert.deepEqual([...server.store.objects.values()][0], expected);
  assert.deepEqual(server.store.multiparts.open(), []);
}

test("sends a file part by part until it is ready", async (t) => {
  const { server, client } = await setUp(t);
  const told: Progress[] = [];
  const { upload } = await client.upload(video, { onProgress: (progress) => told.push(progress) });
  assert.equal(upload.state, "ready");
  assert.deepEqual(putsOf(server), once);
  assertWhole(server);
  const sending = told.filter(({ stage }) => stage === "sending").map(({ doneBytes }) => doneBytes);
  assert.deepEqual([sending[0], sending.at(-1)], [0, bytes.length]);
  assert.deepEqual(
    sending,
    sending.toSorted((a, b) => a - b),
  );
});

test("does not read a file above the limit of a single PUT before it is created", async (t) => {
  const server = await startScriptedServer();
  t.after(() => server.close());
  const client = createUploader(testPlatform(server.url));
  const large = sourceOf("large.mp4", Buffer.alloc(singlePutLimitBytes + 1, 5), "video/mp4");
  const stages = new Set<string>();
  const refs: (string | undefined)[] = [];
  const { upload } = await client.upload(large, {
    onProgress: ({ stage }) => stages.add(stage),
    ref(_, sha256) {
      refs.push(sha256);
      return "mine";
    },
  });
  assert.equal(upload.state, "ready");
  assert.ok(!stages.has("hashing"));
  assert.deepEqual(refs, [undefined]);
  assert.equal(server.count("PUT"), 3);
});

test("holds as many parts as it may send requests at once, of all files together", async (t) => {
  const { server } = await setUp(t);
  let held = 0;
  let most = 0;
  let released = 0;
  const counted = (source: BytesSource): BytesSource => ({
    ...source,
    part(offsetBytes, sizeBytes) {
      held += 1;
      most = Math.max(most, held);
      const release = () => {
        held -= 1;
        released += 1;
      };
      return { ...source.part(offsetBytes, sizeBytes), release };
    },
  });
  const files = [1, 2, 3].map((index) => counted({ ...video, name: `${index}.mp4` }));
  const client = createUploader(testPlatform(server.url, { concurrency: 3 }));
  const counts = await uploadMany(client, files);
  assert.equal(counts.ready, 3);
  assert.equal(most, 3);
  assert.deepEqual([held, released], [0, 3 * partCount]);
});

test("mints no more than is about to be sent, several at a time", async (t) => {
  const { server, client } = await setUp(t);
  await client.upload(video);
  let minted = 0;
  let sent = 0;
  for (const { method, path, json } of server.seen) {
    if (path.endsWith("/urls")) minted += (json as { parts: unknown[] }).parts.length;
    if (method === "PUT") sent += 1;
    assert.ok(minted - sent <= 4, `${minted} minted and ${sent} sent`);
  }
  assert.equal(minted, partCount);
  assert.ok(server.seen.filter(({ path }) => path.endsWith("/urls")).length < partCount);
});

/** Sends until a part's request comes, and leaves it there. */
async function stopAtPart(t: TestContext, partNumber: number, options: ScriptedServerOptions = {}) {
  const controller = new AbortController();
  const { server } = await setUp(t, {
    ...options,
    fault(request) {
      if (partNumberOf(request.path) !== partNumber || controller.signal.aborted) return undefined;
      controller.abort();
      return "hang";
    },
  });
  const client = createUploader(testPlatform(server.url, { concurrency: 1 }));
  await assert.rejects(client.upload(video, { ref: "mine", signal: controller.signal }), { code: "aborted" });
  return { server, seenBefore: server.seen.length };
}

test("goes on with the parts that an earlier run did not get through", async (t) => {
  const { server, seenBefore } = await stopAtPart(t, 5);
  const told: Progress[] = [];
  const { upload } = await createUploader(testPlatform(server.url)).upload(video, {
    ref: "mine",
    onProgress: (progress) => progress.stage === "sending" && told.push(progress),
  });
  assert.equal(upload.state, "ready");
  assert.deepEqual(putsOf(server, seenBefore), [0, 0, 0, 0, 1, 1, 1]);
  const known = told.slice(0, 2).map(({ doneBytes, confirmedBytes }) => [doneBytes, confirmedBytes]);
  assert.deepEqual(known, [
    [0, undefined],
    [4000, 4000],
  ]);
  assert.ok(told.every(({ doneBytes, confirmedBytes = 0 }) => confirmedBytes <= doneBytes));
  assert.deepEqual([told.at(-1)?.doneBytes, told.at(-1)?.confirmedBytes], [bytes.length, bytes.length]);
  assert.equal(server.uploads.size, 1);
  assertWhole(server);
});

test("sends parts again that are not the bytes of the file here", async (t) => {
  const large = Buffer.alloc(26_000_000, 5);
  const controller = new AbortController();
  const server = await startScriptedServer({
    fault({ path }) {
      if (partNumberOf(path) !== 3 || controller.signal.aborted) return undefined;
      controller.abort();
      return "hang";
    },
  });
  t.after(() => server.close());
  const upload = (bytesNow: Buffer, signal?: AbortSignal) =>
    createUploader(testPlatform(server.url, { concurrency: 1 })).upload(
      sourceOf("clip.mp4", bytesNow, "video/mp4"),
      { ref: "mine", signal },
    );
  await assert.rejects(upload(large, controller.signal), { code: "aborted" });
  const seenBefore = server.seen.length;
  const other = Buffer.from(large);
  other[9_000_000] = 6;
  await upload(other);
  assert.deepEqual(putsOf(server, seenBefore), [0, 1, 1, 1, 0, 0, 0]);
  assertWhole(server, other);
});

test("sends all parts by a token that may not ask what is there", async (t) => {
  const { server, client } = await setUp(t, {
    fault: ({ path }) =>
      path.endsWith("/parts")
        ? problemReply(problemOf("insufficient-scope", "The token lacks the scope files:read."))
        : undefined,
  });
  assert.equal((await client.upload(video)).upload.state, "ready");
  assert.deepEqual(putsOf(server), once);
});

test("asks for a fresh request for a part whose own ran out, which is no try of its own", async (t) => {
  let expired = false;
  const { server, client } = await setUp(
    t,
    {
      fault({ path }) {
        if (partNumberOf(path) === 3 && !expired) {
          expired = true;
          server.store.expire(path);
        }
        return undefined;
      },
    },
    { maxAttempts: 1 },
  );
  assert.equal((await client.upload(video)).upload.state, "ready");
  assert.deepEqual(putsOf(server), onceBut(3, 2));
});

test("gives up when fresh requests for a part are refused again and again", async (t) => {
  const refused = Array.from({ length: 16 }, () => storeError(403, "AccessDenied"));
  const { server, client } = await setUp(t, { fault: onPart(2, ...refused) });
  await assert.rejects(client.upload(video), { code: "store-refused", status: 403 });
  assert.equal(server.count("POST /v1/uploads/complete"), 0);
});

const passing: readonly (readonly [string, Fault])[] = [
  ["a connection that broke", "reset-mid-body"],
  ["an answer that was lost", "commit-then-reset"],
  ["a store that is busy", storeError(503, "SlowDown")],
  ["a page of a captive portal", captivePortal],
];
for (const [what, fault] of passing)
  test(`sends one part again after ${what}, and no other`, async (t) => {
    const { server, client } = await setUp(t, { fault: onPart(4, fault, fault) });
    assert.equal((await client.upload(video)).upload.state, "ready");
    assert.deepEqual(putsOf(server), onceBut(4, 3));
    assert.equal(server.count("POST /v1/uploads/complete"), 1);
    assertWhole(server);
  });

test("ends after so many tries of one part with what went wrong, and asks for nothing more", async (t) => {
  const down = Array.from({ length: 3 }, () => storeError(500, "InternalError"));
  const { server, client } = await setUp(t, { fault: onPart(1, ...down) }, { maxAttempts: 3 });
  await assert.rejects(client.upload(video), { code: "store-refused", status: 500 });
  assert.equal(server.count("POST /v1/uploads/complete"), 0);
});

test("sends exactly the parts that are missing after all", async (t) => {
  const nobody: Fault = { status: 200, body: "" };
  const faults = [onPart(2, nobody), onPart(6, nobody)];
  const { server, client } = await setUp(t, {
    fault: (request) => faults.map((fault) => fault(request)).find(Boolean),
  });
  assert.equal((await client.upload(video)).upload.state, "ready");
  assert.deepEqual(putsOf(server), onceBut(2, 2).with(5, 2));
  assert.equal(server.count("POST /v1/uploads/complete"), 2);
});

test("asks the API where the store knows of no such multipart, and sends what it names", async (t) => {
  let forgot = false;
  const { server, client } = await setUp(
    t,
    {
      fault({ path }) {
        if (partNumberOf(path) !== 5 || forgot) return undefined;
        forgot = true;
        for (const id of server.store.multiparts.open()) server.store.multiparts.abort(id);
        return undefined;
      },
    },
    { concurrency: 1 },
  );
  assert.equal((await client.upload(video)).upload.state, "ready");
  assert.deepEqual(putsOf(server), [2, 2, 2, 2, 2, 1, 1]);
  assert.equal(server.uploads.size, 1);
  assertWhole(server);
});

test("is content where somebody else has completed it meanwhile", async (t) => {
  const { server } = await setUp(t);
  const other = createUploader(testPlatform(server.url));
  let completed = false;
  const client = createUploader(
    testPlatform(server.url, {
      concurrency: 1,
      fetch: async (url, init) => {
        if (String(init?.method) === "PUT" && partNumberOf(url) === 3 && !completed) {
          completed = true;
          await other.upload(video, { ref: "mine" });
        }
        return fetch(url, init as RequestInit);
      },
    }),
  );
  assert.equal((await client.upload(video, { ref: "mine" })).upload.state, "ready");
  assert.equal(server.uploads.size, 1);
  assertWhole(server);
});

test("begins anew from the file, under the same ref, where the upload was aborted", async (t) => {
  let aborted = false;
  const { server, client } = await setUp(t, {
    fault({ path }) {
      if (partNumberOf(path) !== 4 || aborted) return undefined;
      aborted = true;
      for (const upload of server.uploads.values()) {
        upload.state = "aborted";
        server.store.multiparts.abort(upload.multipartId ?? "");
      }
      return undefined;
    },
  });
  assert.equal((await client.upload(video, { ref: "mine" })).upload.state, "ready");
  assert.deepEqual(
    [...server.uploads.values()].map(({ state, intent }) => [state, intent.ref]),
    [
      ["aborted", "mine"],
      ["ready", "mine"],
    ],
  );
  assertWhole(server);
});

test("gives up a part that stands still, and sends it again", async (t) => {
  const { server } = await setUp(t, { fault: onPart(3, "hang" as const) });
  const platform = testPlatform(server.url, { idleTimeoutMs: 20_000 });
  const client = createUploader({
    ...platform,
    send: async ({ url, method, headers }, part, { signal }) => {
      const init = { method, headers, body: part.body(), signal: signal as AbortSignal };
      const response = await fetch(url, init);
      return { status: response.status, body: await response.text() };
    },
  });
  assert.equal((await client.upload(video)).upload.state, "ready");
  assert.ok((putsOf(server)[2] ?? 0) >= 2);
  assertWhole(server);
});

test("says so when a part is not what was hashed, or not as long, and stops the others", async (t) => {
  const { server, client } = await setUp(t);
  let read = 0;
  const changing = {
    ...video,
    part: (_offset: number, sizeBytes: number) => ({
      sizeBytes,
      body: () => new Blob([`${read++}`.padEnd(sizeBytes)]),
    }),
  };
  const changed = { code: "file-changed", message: "clip.mp4 has changed since it was added." };
  await assert.rejects(client.upload(changing), changed);
  const shrunk = {
    ...video,
    part: (offset: number, size: number) => video.part(offset, offset === 0 ? size : 10),
  };
  await assert.rejects(client.upload(shrunk), changed);
  assert.equal(server.count("POST /v1/uploads/complete"), 0);
});

test("aborts what nobody can go on with because the file changed, so that its size counts no longer", async (t) => {
  let isAway = false;
  const { server, client } = await setUp(
    t,
    { fault: ({ method }) => (isAway && method === "DELETE" ? "reset" : undefined) },
    { maxAttempts: 2 },
  );
  const shrunk = { ...video, part: (offset: number) => video.part(offset, 10) };
  await assert.rejects(client.upload(shrunk, { ref: "mine" }), { code: "file-changed" });
  const states = () => [...server.uploads.values()].map(({ state }) => state);
  assert.deepEqual(states(), ["aborted"]);
  assert.deepEqual(server.store.multiparts.open(), []);
  assert.equal((await client.upload(video, { ref: "mine" })).upload.state, "ready");

  isAway = true;
  await assert.rejects(client.upload(shrunk, { ref: "other" }), { code: "file-changed" });
  assert.deepEqual(states(), ["aborted", "ready", "pending"], "it runs out");
});

test("sends what is missing however many parts that are", async (t) => {
  const { server, client } = await setUp(t, { partSizeBytes: 6, fault: loseFirst(1050) });
  const { upload } = await client.upload(video);
  assert.equal(upload.state, "ready");
  assertWhole(server);
  assert.equal(server.count("PUT"), 1084 + 1050);
});

/** The first so many PUTs are answered by nobody who stores them. */
function loseFirst(count: number) {
  let lost = 0;
  return ({ method }: { method: string }): Fault | undefined => {
    if (method !== "PUT" || lost >= count) return undefined;
    lost += 1;
    return { status: 200, body: "" };
  };
}

test("goes on in parts where a single PUT's connection breaks again and again", async (t) => {
  const server = await startScriptedServer({
    fault: ({ method, path }) =>
      method === "PUT" && partNumberOf(path) === 0 ? "reset-mid-body" : undefined,
  });
  t.after(() => server.close());
  const photo = sourceOf("huge.jpg", Buffer.alloc(17_000_000, 3));
  const { upload } = await createUploader(testPlatform(server.url)).upload(photo);
  assert.equal(upload.state, "ready");
  const puts = server.seen.filter(({ method }) => method === "PUT").map(({ path }) => partNumberOf(path));
  assert.deepEqual(
    puts.toSorted((a, b) => a - b),
    [0, 0, 1, 2, 3],
  );
  assert.equal(server.uploads.size, 1);
});

test("goes on in parts where a single PUT is too slow to wait for", async (t) => {
  const server = await startScriptedServer();
  t.after(() => server.close());
  let passedMs = 0;
  const platform = testPlatform(server.url, { idleTimeoutMs: 1_000_000 });
  const { upload } = await createUploader({
    ...platform,
    clock: { ...platform.clock, nowMs: () => platform.clock.nowMs() + passedMs },
    async send({ url, method, headers }, part, { onSent, signal }) {
      if (part.sizeBytes > 8 * 1024 ** 2) {
        passedMs += 10_000;
        onSent(100_000);
        assert.equal(signal.aborted, false);
        passedMs += 10_000;
        onSent(200_000);
        assert.equal(signal.aborted, true);
        throw new Error("it was aborted");
      }
      const response = await fetch(url, { method, headers, body: await part.body() });
      return { status: response.status, body: await response.text() };
    },
  }).upload(sourceOf("huge.jpg", Buffer.alloc(17_000_000, 3)));
  assert.equal(upload.state, "ready");
  const puts = server.seen.filter(({ method }) => method === "PUT").map(({ path }) => partNumberOf(path));
  assert.deepEqual(
    puts.toSorted((a, b) => a - b),
    [1, 2, 3],
  );
  assert.equal(server.uploads.size, 1);
});

test("goes on in parts where another run has turned the upload", async (t) => {
  const { server } = await setUp(t, { singlePutLimitBytes: 20_000_000, partSizeBytes: 8 * 1024 ** 2 });
  const photo = sourceOf("huge.jpg", Buffer.alloc(9_000_000, 3));
  const client = createUploader(
    testPlatform(server.url, {
      fetch: async (url, init) => {
        if (String(init?.method) === "PUT" && partNumberOf(url) === 0) {
          for (const upload of server.uploads.values()) upload.inParts = true;
          server.store.expire(new URL(url).pathname + new URL(url).search);
        }
        return fetch(url, init as RequestInit);
      },
    }),
  );
  assert.equal((await client.upload(photo)).upload.state, "ready");
  assert.equal(server.count("PUT"), 3);
});

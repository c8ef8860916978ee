import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  captivePortal,
  type Fault,
  problemOf,
  problemReply,
  type ScriptedServerOptions,
  startScriptedServer,
  storeError,
} from "./testing/index.contract.ts";
import { type BytesSource, sourceOf, testPlatform } from "./testing/test-platform.contract.ts";
import { type UploadOutcome, uploadMany } from "./upload-many.ts";
import { createUploader } from "./uploader.ts";

type Platform = Parameters<typeof testPlatform>[1];

async function setUp(t: TestContext, options: ScriptedServerOptions = {}, platform: Platform = {}) {
  const server = await startScriptedServer(options);
  t.after(() => server.close());
  return { server, client: createUploader(testPlatform(server.url, platform)) };
}

const pictures = (count: number): BytesSource[] =>
  Array.from({ length: count }, (_, index) => sourceOf(`${index}.jpg`, `picture ${index}`));

test("sends many, told as each ends, and shares requests where those take their time", async (t) => {
  const far: typeof fetch = async (input, init) => {
    // Long beside what a busy machine adds to it, so that files come together there too.
    await new Promise((resolve) => setTimeout(resolve, 80));
    return fetch(input, init);
  };
  const { server, client } = await setUp(t, {}, { fetch: far, concurrency: 20 });
  const outcomes: UploadOutcome<BytesSource>[] = [];
  const counts = await uploadMany(client, pictures(300), {
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  assert.deepEqual(counts, { ready: 300, rejected: 0, failed: 0, sent: 0 });
  assert.equal(new Set(outcomes.map(({ file }) => file.name)).size, 300);
  assert.equal(server.store.storedCount(), 300);
  const creates = server.seen.filter(({ method, path }) => method === "POST" && path === "/v1/uploads");
  assert.ok(creates.length <= 75, `${creates.length} creates for 300 files`);
  const completes = server.count("POST /v1/uploads/complete");
  assert.ok(completes <= 75, `${completes} completes for 300 files`);
});

test("sends no more at once than it may", async (t) => {
  let sending = 0;
  let most = 0;
  const { server } = await setUp(t);
  const client = createUploader({
    ...testPlatform(server.url),
    concurrency: 3,
    send: async ({ url, method, headers }, source) => {
      sending += 1;
      most = Math.max(most, sending);
      const response = await fetch(url, { method, headers, body: source.body() });
      sending -= 1;
      return { status: response.status, body: "" };
    },
  });
  await uploadMany(client, pictures(30));
  assert.equal(most, 3);
});

for (const [what, fileCount, failsAbove, isRight] of [
  ["more at once where more are faster", 200, Number.POSITIVE_INFINITY, (atOnce: number) => atOnce > 4],
  [
    "fewer at once where more than two break each other's connections",
    60,
    2,
    (atOnce: number) => atOnce <= 3,
  ],
] as const)
  test(`sends ${what}, and every file once`, async (t) => {
    const { server } = await setUp(t);
    let sending = 0;
    // Each takes a second, however many there are: of so many one ends after so small a part of it.
    let nowMs = 0;
    const counts: number[] = [];
    const platform = testPlatform(server.url, { maxAttempts: 1000 });
    const client = createUploader({
      ...platform,
      clock: { ...platform.clock, nowMs: () => nowMs },
      concurrency: { min: 1, max: 16 },
      send: async ({ url, method, headers }, source) => {
        sending += 1;
        counts.push(sending);
        try {
          await sleep(5);
          nowMs += 1000 / sending;
          if (sending > failsAbove) throw new Error("It broke.");
          const { status } = await fetch(url, { method, headers, body: source.body() });
          return { status, body: "" };
        } finally {
          sending -= 1;
        }
      },
    });
    assert.equal((await uploadMany(client, pictures(fileCount), { wait: false })).sent, fileCount);
    assert.equal(server.store.storedCount(), fileCount);
    const later = counts.slice(counts.length / 2, -10).sort((a, b) => a - b);
    const median = later[later.length >> 1] ?? 0;
    assert.ok(isRight(median), `${median}: ${counts.join(" ")}`);
  });

test("reads a lazy list only as far as there is room", async (t) => {
  const { server, client } = await setUp(t, {
    fault: ({ path }) => (path.startsWith("/v1") && !opened ? "hang" : undefined),
  });
  let opened = false;
  let given = 0;
  async function* endless() {
    for (let index = 0; ; index += 1) {
      given += 1;
      yield sourceOf(`${index}.jpg`, `picture ${index}`);
    }
  }
  const controller = new AbortController();
  const sending = uploadMany(client, endless(), { signal: controller.signal });
  const ended = assert.rejects(sending, { code: "aborted" });
  while (given < 100 || server.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
  opened = true;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(given, 100);
  controller.abort();
  await ended;
});

test("lets one malformed or refused file fail alone", async (t) => {
  const { client } = await setUp(t);
  const files = [
    ...pictures(3),
    sourceOf("nul\u0000.jpg", "with a NUL in its name"),
    sourceOf("a.exe", "MZ", "application/x-msdownload"),
    sourceOf("b.jpg", "last"),
  ];
  const failed = new Map<string, unknown>();
  const counts = await uploadMany(client, files, {
    onOutcome: ({ file, error }) => error && failed.set(file.name, error),
  });
  assert.deepEqual(counts, { ready: 4, rejected: 0, failed: 2, sent: 0 });
  assert.deepEqual([...failed.values()].map((error) => (error as { code: string }).code).sort(), [
    "type-not-allowed",
    "validation-failed",
  ]);
});

test("waits for room where only so many uploads may be open", async (t) => {
  const { client, server } = await setUp(t, { maxOpenUploads: 5, pollsUntilVerdict: 2 }, { maxAttempts: 3 });
  const counts = await uploadMany(client, pictures(40));
  assert.equal(counts.ready, 40);
  assert.equal(server.store.storedCount(), 40);
});

test("gives up waiting for room that others than itself have taken", async (t) => {
  const { client, server } = await setUp(t, { maxOpenUploads: 0 }, { maxAttempts: 3 });
  const counts = await uploadMany(client, pictures(1));
  assert.equal(counts.failed, 1);
  assert.equal(server.count("POST /v1/uploads"), 3);
});

test("says how many were rejected, and how many only sent", async (t) => {
  const { client } = await setUp(t, {
    verdict: (bytes) => (String(bytes).endsWith("1") ? { code: "corrupt", detail: "Broken." } : undefined),
  });
  assert.deepEqual(await uploadMany(client, pictures(3)), { ready: 2, rejected: 1, failed: 0, sent: 0 });
  assert.deepEqual(await uploadMany(client, pictures(2), { wait: false }), {
    ready: 0,
    rejected: 0,
    failed: 0,
    sent: 2,
  });
});

test("passes on what the list or the listener throws, once all that began have ended", async (t) => {
  const { server, client } = await setUp(t);
  function* broken() {
    yield* pictures(2);
    throw new Error("The folder can't be read.");
  }
  await assert.rejects(uploadMany(client, broken()), { message: "The folder can't be read." });
  assert.equal(server.store.storedCount(), 2);
  const listener = () => {
    throw new Error("The listener is broken.");
  };
  await assert.rejects(uploadMany(client, pictures(2), { onOutcome: listener }), {
    message: "The listener is broken.",
  });
});

/** A generator of numbers from 0 to 1 that gives the same ones at each run (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

for (const seed of [1, 2, 3])
  test(`brings 50 files to their end exactly once over a network that fails all the time (seed ${seed})`, async (t) => {
    const random = seededRandom(seed);
    const faults: Fault[] = [
      "reset",
      "reset-mid-body",
      "commit-then-reset",
      "commit-then-reset",
      captivePortal,
      storeError(503, "SlowDown"),
      problemReply(problemOf("unavailable", "Not right now."), { "retry-after": "1" }),
      { status: 502, body: "<html>Bad gateway</html>" },
    ];
    const befell = new Set<Fault>();
    let faultCount = 0;
    const expired = new Set<string>();
    const { server, client } = await setUp(
      t,
      {
        fault({ method, path }) {
          const chance = random();
          const [object = ""] = path.split("?");
          if (method === "PUT" && chance < 0.2 && !expired.has(object)) {
            expired.add(object);
            server.store.expire(path);
          }
          // In turn, so that none of them is left out by chance; which request it befalls is chance.
          const fault = chance > 0.7 ? faults[faultCount++ % faults.length] : undefined;
          if (fault) befell.add(fault);
          return fault;
        },
      },
      { random, maxAttempts: 30 },
    );
    const files = Array.from({ length: 50 }, (_, index) =>
      sourceOf(`${index}.jpg`, Buffer.alloc(1000 + 1000 * index, index)),
    );
    const counts = await uploadMany(client, files);
    assert.deepEqual(counts, { ready: 50, rejected: 0, failed: 0, sent: 0 });
    assert.equal(server.uploads.size, 50);
    const ready = [...server.uploads.values()].map(({ key }) => server.store.objects.get(key)?.length);
    assert.deepEqual(
      ready.sort((a = 0, b = 0) => a - b),
      files.map(({ sizeBytes }) => sizeBytes),
    );
    assert.equal(server.store.storedCount(), 50);
    assert.equal(befell.size, new Set(faults).size);
    assert.ok(expired.size > 0);
  });

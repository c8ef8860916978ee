import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { FileChangedError } from "../errors.ts";
import type { ClientOptions } from "../ports.ts";
import {
  captivePortal,
  problemOf,
  problemReply,
  type ScriptedServerOptions,
  startScriptedServer,
  storeError,
} from "../testing/index.contract.ts";
import { type BytesSource, sourceOf, testPlatform } from "../testing/test-platform.contract.ts";
import { createUploader } from "../uploader.ts";
import { createUploadQueue } from "./create-upload-queue.ts";
import { createMemoryQueueStore } from "./memory-queue-store.ts";
import { hasEnded, type UploadItem } from "./upload-item.ts";
import type { UploadQueue, UploadQueueSnapshot } from "./upload-queue.ts";

type Snapshot = UploadQueueSnapshot<BytesSource>;

async function setUp(
  t: TestContext,
  options: ScriptedServerOptions = {},
  platform: Partial<ClientOptions<BytesSource>> = {},
) {
  const server = await startScriptedServer(options);
  const online = new Set<() => void>();
  const client = createUploader(
    testPlatform(server.url, {
      connectivity: {
        onOnline(listener) {
          online.add(listener);
          return () => online.delete(listener);
        },
      },
      ...platform,
    }),
  );
  const queue = createUploadQueue(client);
  t.after(async () => {
    queue.close();
    await server.close();
  });
  return {
    server,
    client,
    queue,
    comeOnline: () => {
      for (const listener of online) listener();
    },
    listeners: online,
    states: () => [...server.uploads.values()].map(({ state }) => state),
  };
}

/** Resolves to the first snapshot that is so, the present one included. */
function until(queue: UploadQueue<BytesSource>, isSo: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo(queue.getSnapshot())) return;
      unsubscribe();
      resolve(queue.getSnapshot());
    };
    const unsubscribe = queue.subscribe(look);
    look();
  });
}

const idsOf = (uploads: readonly { readonly id: string }[]) => uploads.map(({ id }) => id);

/** For what the server or the platform does, which tells nobody. */
async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const allEnded = ({ items }: Snapshot) => items.length > 0 && items.every(hasEnded);
const firstIs = (state: UploadItem["state"]) => (snapshot: Snapshot) => snapshot.items[0]?.state === state;
const photo = () => sourceOf("photo.jpg", "the bytes of a photo");
const other = () => sourceOf("other.jpg", "the bytes of another");

/** Faults that can be switched. */
function createSwitch(isMeant: (request: { method: string; path: string }) => boolean) {
  const control = {
    fault: undefined as "hang" | "reset" | undefined,
    of: (request: { method: string; path: string }) => (isMeant(request) ? control.fault : undefined),
  };
  return control;
}

test("brings a file to ready and tells what it became", async (t) => {
  const { queue } = await setUp(t);
  queue.subscribe(() => undefined, { files: true });
  const [id] = idsOf(queue.add([photo()], { metadata: { step: "1" } }));
  const { items, totals } = await until(queue, ({ items: [item] }) => item?.file !== undefined);
  const [item] = items;
  assert.equal(item?.id, id);
  assert.equal(item?.state, "ready");
  assert.equal(item?.file?.name, "photo.jpg");
  assert.deepEqual(item?.file?.metadata, { step: "1" });
  assert.equal(item?.fraction, 1);
  assert.deepEqual([totals.ready, totals.active], [1, 0]);
});

test("tells how all of a group ended", async (t) => {
  const { queue } = await setUp(t);
  queue.add([photo()], { group: "report 7" });
  queue.add([other()]);
  const group = queue.group("report 7");
  assert.deepEqual(
    (await group.result()).map(({ state }) => state),
    ["ready"],
  );
  assert.deepEqual([group.list().length, group.totals().ready], [1, 1]);
  assert.deepEqual(await queue.group("none").result(), []);
});

test("follows with the second what it was given twice, and sends it once", async (t) => {
  const { server, queue } = await setUp(t);
  const [first, second, another] = queue.add([photo(), photo(), other()]);
  const ends = await Promise.all([first, second, another].map((upload) => upload?.result()));
  assert.deepEqual(
    ends.map((end) => end?.state),
    ["ready", "ready", "ready"],
  );
  const fileIds = queue.list().map(({ item }) => item.fileId);
  assert.equal(fileIds[0], fileIds[1]);
  assert.notEqual(fileIds[0], fileIds[2]);
  assert.deepEqual([server.uploads.size, server.store.storedCount()], [2, 2]);
});

test("stops what is paused, and goes on with the same upload", async (t) => {
  const gate = createSwitch(({ method }) => method === "PUT");
  gate.fault = "hang";
  const { server, queue } = await setUp(t, { fault: gate.of });
  const [upload] = queue.add([photo()]);
  await until(queue, firstIs("sending"));
  upload?.pause();
  assert.equal(upload?.state, "paused");
  gate.fault = undefined;
  queue.retryAll();
  assert.equal(upload?.state, "paused");
  upload?.resume();
  assert.equal((await upload?.result())?.state, "ready");
  assert.equal(server.uploads.size, 1);
});

test("tells a rejection, a refusal and a success apart", async (t) => {
  const rejection = { code: "corrupt", detail: "It ends too soon." } as const;
  const { queue } = await setUp(t, {
    verdict: (bytes) => (bytes.toString() === "half" ? rejection : undefined),
  });
  const program = sourceOf("c.exe", "x", "application/x-msdownload");
  queue.add([sourceOf("a.jpg", "whole"), sourceOf("b.jpg", "half"), program]);
  const { items, totals } = await until(queue, allEnded);
  assert.deepEqual(
    items.map(({ state, problem, canRetry }) => [state, problem?.code, canRetry]),
    [
      ["ready", undefined, false],
      ["rejected", "corrupt", false],
      ["failed", "type-not-allowed", false],
    ],
  );
  assert.deepEqual([totals.ready, totals.rejected, totals.failed, totals.active], [1, 1, 1, 0]);
});

test("sends a thousand files four at a time, creates them together, and asks for their files together", async (t) => {
  let sending = 0;
  let most = 0;
  const send: ClientOptions<BytesSource>["send"] = async (request, bytes, { signal }) => {
    sending += 1;
    most = Math.max(most, sending);
    try {
      const { url, method, headers } = request;
      const response = await fetch(url, {
        method,
        headers,
        body: bytes.body(),
        signal: signal as AbortSignal,
      });
      return { status: response.status, body: await response.text() };
    } finally {
      sending -= 1;
    }
  };
  const { server, queue } = await setUp(t, {}, { send });
  queue.subscribe(() => undefined, { files: true });
  queue.add(Array.from({ length: 1000 }, (_, index) => sourceOf(`${index}.jpg`, `bytes ${index}`)));
  const { items } = await until(
    queue,
    (snapshot) => allEnded(snapshot) && snapshot.items.every(({ file }) => file !== undefined),
  );
  assert.equal(most, 4);
  assert.deepEqual(
    items.map(({ name }) => name),
    Array.from({ length: 1000 }, (_, index) => `${index}.jpg`),
  );
  assert.equal(server.store.storedCount(), 1000);
  const creates = server.seen.filter(
    ({ method, path }) => method === "POST" && path === "/v1/uploads",
  ).length;
  t.diagnostic(`creates: ${creates}, lists of files: ${server.count("GET /v1/files")}`);
  assert.ok(creates <= 200, `${creates} creates`);
  assert.ok(server.count("GET /v1/files") <= 500);
});

test("keeps a snapshot until something changes, and items that did not", async (t) => {
  const gate = createSwitch(({ method, path }) => method === "PUT" && path.includes("bucket"));
  gate.fault = "hang";
  const { queue } = await setUp(t, { fault: gate.of });
  queue.add([photo(), other()]);
  const before = await until(queue, ({ totals }) => totals.sending === 2);
  assert.equal(queue.getSnapshot(), before);
  const [first, second] = before.items;
  queue.cancel(first?.id ?? "");
  const after = queue.getSnapshot();
  assert.notEqual(after, before);
  assert.equal(after.items[1], second);
  queue.cancel("no such item");
  assert.equal(queue.getSnapshot(), after);
});

test("tells its listeners ten times a second at most, and at once of what a person did", async (t) => {
  const delaysMs: number[] = [];
  const platform = testPlatform("");
  const clock: typeof platform.clock = {
    ...platform.clock,
    delay: (delayMs, signal) => {
      delaysMs.push(delayMs);
      return platform.clock.delay(delayMs, signal);
    },
  };
  const { queue } = await setUp(t, {}, { clock });
  let told = 0;
  queue.subscribe(() => {
    told += 1;
  });
  queue.add([photo()]);
  assert.equal(told, 1);
  await until(queue, allEnded);
  // Each telling but the first has waited its time.
  assert.ok(told - 1 <= delaysMs.filter((delayMs) => delayMs === 100).length);
});

test("cancels what waits to be hashed before the server knows of it", async (t) => {
  const { server, queue } = await setUp(t, {}, { digest: { sha256: () => Promise.race([]) } });
  queue.add([photo()]);
  queue.cancelAll();
  const [item] = queue.getSnapshot().items;
  assert.deepEqual([item?.state, item?.canRetry], ["cancelled", true]);
  assert.equal(server.count("POST /v1/uploads"), 0);
});

test("ends on the server what is cancelled while it waits for its turn to be sent", async (t) => {
  const gate = createSwitch(({ method }) => method === "PUT");
  gate.fault = "hang";
  const { queue, states } = await setUp(t, { fault: gate.of }, { concurrency: 1 });
  queue.add([photo(), other()]);
  const { items } = await until(
    queue,
    ({ items: [a, b] }) => a?.state === "sending" && b?.uploadId !== undefined,
  );
  assert.equal(items[1]?.state, "saved");
  queue.cancel(items[1]?.id ?? "");
  await eventually(() => states()[1] === "aborted");
  assert.equal(states()[0], "pending");
});

test("ends on the server what is cancelled while it is sent, and sends no more of it", async (t) => {
  const gate = createSwitch(({ method }) => method === "PUT");
  gate.fault = "hang";
  const { server, queue, states } = await setUp(t, { fault: gate.of });
  queue.add([photo()]);
  await until(queue, firstIs("sending"));
  await eventually(() => server.count("PUT") === 1);
  queue.cancelAll();
  await eventually(() => states()[0] === "aborted");
  assert.equal(server.count("PUT"), 1);
  assert.equal(queue.getSnapshot().items[0]?.state, "cancelled");
});

test("ends on the server what is cancelled while it is being created, as soon as that is known", async (t) => {
  let isAnswering = false;
  const { server, queue, states } = await setUp(t, {
    fault: ({ method, path }) =>
      method === "POST" && path === "/v1/uploads" && !isAnswering ? "commit-then-reset" : undefined,
  });
  queue.add([photo()]);
  await eventually(() => server.uploads.size === 1);
  queue.cancelAll();
  isAnswering = true;
  await eventually(() => states()[0] === "aborted");
  assert.equal(server.count("PUT"), 0);
});

test("puts into the trash what is cancelled when all of its bytes have arrived", async (t) => {
  let verdicts = 0;
  const { client, queue } = await setUp(t, {
    pollsUntilVerdict: 5,
    verdict: () => {
      verdicts += 1;
      return undefined;
    },
  });
  queue.add([photo()]);
  await until(queue, firstIs("checking"));
  queue.cancelAll();
  assert.equal(queue.getSnapshot().items[0]?.state, "cancelled");
  await eventually(() => verdicts > 0);
  for (;;) {
    const { items } = await client.files.list({ scope: "trash" });
    if (items.length === 1) break;
  }
  assert.equal((await client.files.list()).items.length, 0);
  assert.equal(queue.getSnapshot().items[0]?.state, "cancelled");
});

test("sends again what was cancelled, as another upload", async (t) => {
  const gate = createSwitch(({ method }) => method === "PUT");
  gate.fault = "hang";
  const { server, queue, states } = await setUp(t, { fault: gate.of });
  const [id = ""] = idsOf(queue.add([photo()]));
  await until(queue, firstIs("sending"));
  queue.cancel(id);
  gate.fault = undefined;
  queue.retry(id);
  await until(queue, firstIs("ready"));
  assert.deepEqual([...states()].sort(), ["aborted", "ready"]);
  assert.equal(new Set([...server.uploads.values()].map(({ intent }) => intent.ref)).size, 2);
});

test("waits for a network that is away, and goes on by itself when it comes back", async (t) => {
  const gate = createSwitch(() => true);
  const { server, queue, comeOnline } = await setUp(t, { fault: gate.of }, { maxAttempts: 2 });
  gate.fault = "reset";
  queue.add([photo()]);
  const { items, totals } = await until(queue, ({ items: [item] }) => item?.state === "waiting-for-network");
  assert.deepEqual(
    [items[0]?.state, items[0]?.problem?.code, totals.heldUp],
    ["waiting-for-network", "network", 1],
  );
  gate.fault = undefined;
  comeOnline();
  await until(queue, firstIs("ready"));
  assert.equal(server.store.storedCount(), 1);
});

test("tries from time to time where nobody says that the network is back", async (t) => {
  const gate = createSwitch(() => true);
  const { queue } = await setUp(t, { fault: gate.of }, { maxAttempts: 1 });
  gate.fault = "reset";
  queue.add([photo()]);
  await until(queue, ({ items: [item] }) => item?.state === "waiting-for-network");
  gate.fault = undefined;
  await until(queue, firstIs("ready"));
});

test("does not sit out a long wait between tries when the network comes back", async (t) => {
  const gate = createSwitch(({ method }) => method === "PUT");
  gate.fault = "reset";
  const platform = testPlatform("");
  let isStill = false;
  // Pauses between tries never end by themselves here.
  const delay: typeof platform.clock.delay = (delayMs, signal) =>
    isStill && delayMs <= 20_000 && delayMs !== 100
      ? new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))))
      : platform.clock.delay(delayMs, signal);
  const { queue, comeOnline } = await setUp(
    t,
    {
      fault: (request) => {
        isStill ||= request.method === "PUT";
        return gate.of(request);
      },
    },
    { clock: { ...platform.clock, delay } },
  );
  queue.add([photo()]);
  const { items } = await until(queue, ({ items: [item] }) => item?.problem !== undefined);
  assert.deepEqual([items[0]?.state, items[0]?.problem?.code], ["sending", "network"]);
  gate.fault = undefined;
  isStill = false;
  comeOnline();
  await until(queue, firstIs("ready"));
});

test("waits for a sign-in, and goes on after it", async (t) => {
  let token: string | undefined;
  const { queue } = await setUp(t, {}, { getToken: async () => token });
  queue.add([photo()]);
  const { items } = await until(queue, ({ items: [item] }) => item?.state === "waiting-for-sign-in");
  assert.equal(items[0]?.problem?.code, "not-signed-in");
  token = "token";
  queue.retryAll();
  await until(queue, firstIs("ready"));
});

test("goes on with the same upload when a failed one is tried again", async (t) => {
  let isRefusing = true;
  const { server, queue } = await setUp(t, {
    fault: ({ method }) =>
      isRefusing && method === "PUT"
        ? { status: 400, body: "<Error><Code>NoneOfThese</Code></Error>" }
        : undefined,
  });
  const [id = ""] = idsOf(queue.add([photo()]));
  const { items } = await until(queue, allEnded);
  assert.deepEqual([items[0]?.state, items[0]?.canRetry], ["failed", true]);
  isRefusing = false;
  queue.retry(id);
  await until(queue, firstIs("ready"));
  assert.equal(server.uploads.size, 1);
});

test("says of a file that has changed that it must be added again", async (t) => {
  const changed: BytesSource = {
    ...photo(),
    body: () => {
      throw new FileChangedError("photo.jpg");
    },
  };
  const { queue } = await setUp(t);
  const [id = ""] = idsOf(queue.add([changed]));
  const { items } = await until(queue, allEnded);
  assert.deepEqual([items[0]?.problem?.code, items[0]?.canRetry], ["file-changed", false]);
  assert.match(items[0]?.problem?.detail ?? "", /photo\.jpg/);
  queue.retry(id);
  assert.equal(queue.getSnapshot().items[0]?.state, "failed");
});

test("takes ended items off the list, and no others", async (t) => {
  const gate = createSwitch(({ method }) => method === "PUT");
  const { queue } = await setUp(t, { fault: gate.of });
  const [ended = ""] = idsOf(queue.add([photo()]));
  await until(queue, firstIs("ready"));
  gate.fault = "hang";
  const [open = ""] = idsOf(queue.add([photo()]));
  queue.dismiss(open);
  assert.deepEqual(
    queue.getSnapshot().items.map(({ id }) => id),
    [ended, open],
  );
  queue.clearEnded();
  assert.deepEqual(
    queue.getSnapshot().items.map(({ id }) => id),
    [open],
  );
});

test("tells how an upload ended that left the list as soon as it had", async (t) => {
  const { queue } = await setUp(t);
  const [first, second] = queue.add([photo(), other()]);
  const firstEnd = first?.result();
  for (let left = 2; left > 0; left = queue.unsent()) await new Promise((resolve) => setImmediate(resolve));
  queue.clearEnded();
  assert.deepEqual(queue.list(), []);
  assert.equal((await firstEnd)?.state, "ready");
  assert.equal((await second?.result())?.state, "ready");
});

for (const stage of ["created", "sent"] as const)
  test(`takes off the list at once what was cancelled while it was being ${stage}, and ends it on the server all the same`, async (t) => {
    let isReached = false;
    const { server, queue, states } = await setUp(t, {
      fault({ method }) {
        if (method === "PUT") return "hang";
        if (isReached) return undefined;
        if (method === "DELETE") return "reset";
        return method === "POST" && stage === "created" ? "commit-then-reset" : undefined;
      },
    });
    const [upload] = queue.add([photo()]);
    assert.ok(upload);
    await eventually(() => (stage === "sent" ? server.count("PUT") : server.uploads.size) === 1);
    upload.cancel();
    queue.dismiss(upload.id);
    assert.deepEqual(queue.getSnapshot().items, []);
    assert.equal(queue.get(upload.id), undefined);
    assert.equal((await upload.result()).state, "cancelled");
    upload.retry();
    isReached = true;
    await eventually(() => states().join() === "aborted");
    await queue.erase();
    assert.deepEqual(queue.getSnapshot().items, []);
    assert.equal(server.uploads.size, 1);
  });

test("is empty and silent once it is closed", async (t) => {
  const gate = createSwitch(({ method }) => method === "PUT");
  gate.fault = "hang";
  const { server, queue, listeners } = await setUp(t, { fault: gate.of });
  queue.add([photo(), other()]);
  await eventually(() => server.count("PUT") === 2);
  queue.close();
  assert.deepEqual(queue.getSnapshot().items, []);
  assert.equal(listeners.size, 0);
  const seen = server.seen.length;
  let told = 0;
  queue.subscribe(() => {
    told += 1;
  });
  assert.deepEqual(queue.add([photo()]), []);
  queue.retryAll();
  queue.close();
  // A round trip of somebody else's, after which whatever was on its way is there.
  await fetch(`${server.url}/v1/me`);
  assert.equal(server.seen.length, seen + 1);
  assert.equal(told, 0);
});

test("tells whoever waits for a result, or for all of them, that the queue was closed, and what had ended how it did", {
  timeout: 20_000,
}, async (t) => {
  let isHeld = false;
  const { queue } = await setUp(t, {
    fault: ({ method }) => (isHeld && method === "PUT" ? "hang" : undefined),
  });
  const [first] = queue.add([photo()]);
  const ready = await first?.result();
  isHeld = true;
  const [second] = queue.add([other()], { group: "others" });
  const waiting = [second?.result(), queue.group("others").result(), queue.whenIdle()];
  queue.close();
  for (const one of [...waiting, second?.result(), queue.whenIdle()])
    await assert.rejects(Promise.resolve(one), { name: "AbortedError", code: "aborted" });
  assert.deepEqual(await first?.result(), ready);
});

test("fails what a store takes and does not keep, and sends it again when somebody asks for it", async (t) => {
  let isLying = true;
  const { server, queue } = await setUp(
    t,
    { fault: ({ method }) => (isLying && method === "PUT" ? { status: 200, body: "" } : undefined) },
    { maxAttempts: 3 },
  );
  const [upload] = queue.add([photo()]);
  const end = await upload?.result();
  assert.equal(end?.state, "failed");
  assert.deepEqual(end?.state === "failed" && end.problem, {
    code: "bytes-missing",
    detail: "The file store does not keep it.",
  });
  assert.equal(server.count("PUT"), 3);
  isLying = false;
  upload?.retry();
  assert.equal((await upload?.result())?.state, "ready");
});

/** As it comes from the person: pressed while nothing of it has been read yet. */
async function addTwice(t: TestContext, options: ScriptedServerOptions = {}) {
  const { server, client, states } = await setUp(t, options);
  const store = { ...createMemoryQueueStore<BytesSource>(), isDurable: true };
  const queue = createUploadQueue(client, { queue: Promise.resolve({ store }) });
  t.after(() => queue.close());
  const [first, second] = [...queue.add([photo()]), ...queue.add([photo()])];
  assert.ok(first && second);
  return { server, queue, first, second, states };
}

test("sends the second of the same file where the first was paused before it was read, and that is it too when it goes on", async (t) => {
  const { server, queue, first, second } = await addTwice(t);
  first.pause();
  const end = await second.result();
  assert.equal(end.state, "ready");
  assert.equal(first.state, "paused");
  queue.clearEnded();
  first.resume();
  assert.deepEqual(await first.result(), end);
  assert.equal(server.uploads.size, 1);
  assert.equal(server.store.storedCount(), 1);
});

for (const [what, press] of [
  ["paused", "pause"],
  ["given up", "cancel"],
] as const)
  test(`goes on with the second of the same file where the first is ${what} while it is sent, as the same upload`, async (t) => {
    let isHeld = true;
    const { server, first, second, states } = await addTwice(t, {
      fault: ({ method }) => (isHeld && method === "PUT" ? "hang" : undefined),
    });
    await eventually(() => server.count("PUT") === 1);
    assert.equal(second.state, "saved");
    isHeld = false;
    first[press]();
    const end = await second.result();
    assert.equal(end.state, "ready");
    if (press === "pause") assert.deepEqual(await first.result(), end);
    else assert.equal(first.state, "cancelled");
    assert.deepEqual(states(), ["ready"]);
    assert.equal(server.count("DELETE"), 0);
  });

test("ends on the server what was added twice and is given up twice", async (t) => {
  const { server, queue, first, second, states } = await addTwice(t, {
    fault: ({ method }) => (method === "PUT" ? "hang" : undefined),
  });
  await eventually(() => server.count("PUT") === 1);
  first.cancel();
  second.cancel();
  await eventually(() => states().every((state) => state === "aborted"));
  await until(queue, allEnded);
});

test("tries again each of the same file twice that could not be checked, and has it once", async (t) => {
  let isFailing = true;
  const { server, first, second } = await addTwice(t, {
    verdict: () => (isFailing ? { code: "timeout", detail: "Not this time." } : undefined),
  });
  for (const { state } of await Promise.all([first.result(), second.result()]))
    assert.equal(state, "rejected");
  assert.ok(first.item.canRetry && second.item.canRetry && second.item.isKept);
  isFailing = false;
  second.retry();
  const end = await second.result();
  assert.equal(end.state, "ready");
  first.retry();
  assert.deepEqual(await first.result(), end);
  assert.deepEqual([...server.uploads.values()].map(({ state }) => state).sort(), ["ready", "rejected"]);
});

test("waits for a server in trouble as for a network", async (t) => {
  let isInTrouble = true;
  const { queue, comeOnline } = await setUp(
    t,
    {
      fault: ({ path }) =>
        isInTrouble && path === "/v1/uploads"
          ? problemReply(problemOf("unavailable", "Closed for repairs."))
          : undefined,
    },
    { maxAttempts: 2 },
  );
  queue.add([photo()]);
  const { items } = await until(queue, ({ items: [item] }) => item?.state === "waiting-for-network");
  assert.deepEqual(items[0]?.problem, { code: "unavailable", detail: "Closed for repairs." });
  isInTrouble = false;
  comeOnline();
  await until(queue, firstIs("ready"));
});

for (const [what, answer] of [
  ["a portal that answers for the store", captivePortal],
  ["a store in trouble", storeError(503, "SlowDown")],
] as const)
  test(`waits for ${what} as for a network`, async (t) => {
    let isInTrouble = true;
    const { server, queue, comeOnline } = await setUp(
      t,
      { fault: ({ method }) => (isInTrouble && method === "PUT" ? answer : undefined) },
      { maxAttempts: 2 },
    );
    queue.add([photo()]);
    await until(queue, ({ items: [item] }) => item?.state === "waiting-for-network");
    isInTrouble = false;
    comeOnline();
    await until(queue, firstIs("ready"));
    assert.equal(server.uploads.size, 1);
  });

test("goes on with a file whose bytes are gone when the same file is added, and with no other", async (t) => {
  const { client, server } = await setUp(t);
  const store = createMemoryQueueStore<BytesSource>();
  const { name, sizeBytes, contentType } = photo();
  const row = { id: "from-before", ref: "from-before", order: 1, name, sizeBytes, contentType };
  await store.write([{ ...row, options: {}, state: "saved", isKept: false, canRetry: false }]);
  const queue = createUploadQueue(client, { queue: Promise.resolve({ store }) });
  t.after(() => queue.close());
  await until(queue, firstIs("needs-file"));
  const [, elsewhere] = queue.add([other(), photo()], { group: "another" });
  assert.notEqual(elsewhere?.id, row.id);
  assert.deepEqual(idsOf(queue.add([photo()])), [row.id]);
  await until(queue, allEnded);
  assert.equal(queue.list().length, 3);
  assert.equal(server.uploads.size, 3);
});

/** What is left of a large file that was not kept, whose bytes all arrived, and whose page was closed then. */
async function leaveUnkept(t: TestContext) {
  const { client, server } = await setUp(t);
  const before = sourceOf("film.jpg", Buffer.alloc(20_000_001, 1));
  const { name, sizeBytes, contentType } = before;
  const { upload } = await client.upload(before, { ref: "from-before" });
  // Nobody had noted which upload it was.
  const store = createMemoryQueueStore<BytesSource>();
  const row = { id: "from-before", ref: "from-before", order: 1, name, sizeBytes, contentType, options: {} };
  await store.write([{ ...row, state: "saved", isKept: false, canRetry: false }]);
  const queue = createUploadQueue(client, { queue: Promise.resolve({ store }) });
  t.after(() => queue.close());
  await until(queue, firstIs("needs-file"));
  return { server, before, queue, fileId: upload.fileId };
}

test("sends another file of the same name and size, given for one that had arrived", async (t) => {
  const { server, queue, fileId } = await leaveUnkept(t);
  const [upload] = queue.add([sourceOf("film.jpg", Buffer.alloc(20_000_001, 2))]);
  const end = await upload?.result();
  assert.equal(end?.state, "ready");
  assert.notEqual(upload?.item.fileId, fileId);
  assert.equal(server.uploads.size, 2);
});

test("sends nothing again where the file that had arrived is given again", async (t) => {
  const { server, queue, before, fileId } = await leaveUnkept(t);
  const puts = server.count("PUT");
  const [upload] = queue.add([before]);
  assert.equal((await upload?.result())?.state, "ready");
  assert.equal(upload?.item.fileId, fileId);
  assert.deepEqual([server.count("PUT"), server.uploads.size], [puts, 1]);
});

test("sends another small file of the same name and size, given for one that the server knows", async (t) => {
  const { client, server } = await setUp(t);
  await client.upload(sourceOf("a.jpg", "one"), { ref: "from-before" });
  const store = createMemoryQueueStore<BytesSource>();
  const row = { id: "from-before", ref: "from-before", order: 1, name: "a.jpg", sizeBytes: 3, options: {} };
  await store.write([{ ...row, contentType: "image/jpeg", state: "saved", isKept: false, canRetry: false }]);
  const queue = createUploadQueue(client, { queue: Promise.resolve({ store }) });
  t.after(() => queue.close());
  await until(queue, firstIs("needs-file"));
  const [upload] = queue.add([sourceOf("a.jpg", "two")]);
  assert.equal((await upload?.result())?.state, "ready");
  assert.equal(server.uploads.size, 2);
});

const cannotRead = () => {
  throw new DOMException("The database connection is closing.", "InvalidStateError");
};
for (const [what, broken] of [
  ["is gone", async () => undefined],
  ["can't be asked for", cannotRead],
  ["can't be read", async () => ({ ...photo(), body: cannotRead })],
] as const)
  test(`sends the file itself where the copy on this device ${what}, and says that it is not kept`, async (t) => {
    const { client } = await setUp(t);
    const store = { ...createMemoryQueueStore<BytesSource>(), isDurable: true, source: broken };
    const queue = createUploadQueue(client, { queue: { store } });
    t.after(() => queue.close());
    const [upload] = queue.add([photo()]);
    assert.equal((await upload?.result())?.state, "ready");
    assert.equal(upload?.item.isKept, false);
  });

test("keeps what the server could not check, and sends it again as another upload when that is wanted", async (t) => {
  let isFailing = true;
  const { client, server } = await setUp(t, {
    verdict: () => (isFailing ? { code: "processing-failed", detail: "Not this time." } : undefined),
  });
  const store = { ...createMemoryQueueStore<BytesSource>(), isDurable: true };
  const queue = createUploadQueue(client, { queue: { store } });
  t.after(() => queue.close());
  const [upload] = queue.add([photo()]);
  assert.equal((await upload?.result())?.state, "rejected");
  await queue.whenStored();
  const [row] = await store.load();
  assert.ok(row?.isKept && row.canRetry && (await store.source(row)));
  isFailing = false;
  upload?.retry();
  assert.equal((await upload?.result())?.state, "ready");
  assert.equal(new Set([...server.uploads.values()].map(({ intent }) => intent.ref)).size, 2);
});

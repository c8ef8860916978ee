import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { LogEntry } from "../http/log.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { createSequencer } from "./event-message.ts";
import { createNotifier, type NotificationOptions, type Notifier } from "./notifier.ts";
import type { ObjectEvent } from "./object-event.ts";

interface Receiver {
  readonly url: string;
  /** Keys of each message, in the order of their coming. */
  readonly messages: string[][];
  readonly requests: http.IncomingMessage[];
  /** What it answers from now on; `undefined` for nothing at all. */
  answer: (number: number) => { status: number; headers?: Record<string, string> } | undefined;
}

async function startReceiver(t: TestContext): Promise<Receiver> {
  const receiver: { -readonly [Member in keyof Receiver]: Receiver[Member] } = {
    url: "",
    messages: [],
    requests: [],
    answer: () => ({ status: 204 }),
  };
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { Records } = JSON.parse(Buffer.concat(chunks).toString()) as {
        Records: { s3: { object: { key: string } } }[];
      };
      receiver.requests.push(request);
      receiver.messages.push(Records.map(({ s3 }) => s3.object.key));
      const answer = receiver.answer(receiver.messages.length);
      if (answer) response.writeHead(answer.status, answer.headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events?of=bucket`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return receiver;
}

function notifierTo(
  t: TestContext,
  url: string,
  options: Partial<NotificationOptions> = {},
): { notifier: Notifier; log: LogEntry[] } {
  const log: LogEntry[] = [];
  const notifier = createNotifier(
    {
      url,
      bearerToken: "secret",
      events: ["s3:ObjectCreated:*"],
      delayMs: 1,
      intervalMs: 1,
      retryMs: 5,
      ...options,
    },
    { bucket: "b", region: "r", now: () => new Date(), log: (entry) => log.push(entry) },
  );
  t.after(() => notifier.close());
  return { notifier, log };
}

const created = (key: string): ObjectEvent => ({ name: "ObjectCreated:Put", key, sizeBytes: 1, etag: "e" });
const keysTo = ({ messages }: Receiver): string[] => messages.flat();

test("events are told with the bearer token, many in one message, in order", async (t) => {
  const receiver = await startReceiver(t);
  const { notifier } = notifierTo(t, receiver.url, { delayMs: 30 });
  const keys = Array.from({ length: 450 }, (_, index) => `k${index}`);
  for (const key of keys) notifier.notify(created(key));
  await waitUntil(() => keysTo(receiver).length === 450, "all events");
  assert.deepEqual(keysTo(receiver), keys);
  // How they fall into messages depends on how fast they came.
  assert.ok(receiver.messages.length <= 45, `${receiver.messages.length} messages`);
  assert.ok(Math.max(...receiver.messages.map(({ length }) => length)) <= 200);
  const [request] = receiver.requests;
  assert.equal(request?.method, "POST");
  assert.equal(request?.url, "/events?of=bucket");
  assert.equal(request?.headers.authorization, "Bearer secret");
  assert.equal(request?.headers["content-type"], "application/json");
});

test("an event waits for as long as it is to, and is told with those that came meanwhile", async (t) => {
  const receiver = await startReceiver(t);
  const { notifier } = notifierTo(t, receiver.url, { delayMs: 150, intervalMs: 100 });
  const begunAtMs = performance.now();
  notifier.notify(created("a"));
  for (let sent = 0; sent < 20; sent += 1) {
    await delay(5);
    notifier.notify(created(`later${sent}`));
  }
  await waitUntil(() => receiver.messages.length >= 1, "the first message");
  assert.ok(performance.now() - begunAtMs >= 145, "not before its time");
  await waitUntil(() => keysTo(receiver).length === 21, "the others");
  assert.ok(receiver.messages.length < 21, `${receiver.messages.length} messages for 21 events`);
});

test("only the kinds and prefixes that were asked for are told", async (t) => {
  const receiver = await startReceiver(t);
  const { notifier } = notifierTo(t, receiver.url, {
    events: ["s3:ObjectCreated:Put", "s3:ObjectRemoved:*"],
    prefixes: ["in/", "also/"],
  });
  notifier.notify(created("out/a"));
  notifier.notify({ name: "ObjectCreated:Copy", key: "in/copy" });
  notifier.notify({ name: "LifecycleExpiration:Delete", key: "in/old" });
  notifier.notify({ name: "ObjectRemoved:Delete", key: "also/removed" });
  notifier.notify(created("in/a"));
  await waitUntil(() => keysTo(receiver).length >= 2, "both");
  await notifier.close();
  // At least once: a message whose answer is on its way at the close is sent again.
  assert.deepEqual([...new Set(keysTo(receiver))], ["also/removed", "in/a"]);
});

test("a receiver that is away gets everything once it is back", async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = (number) => ({ status: [503, 500, 429, 408][number - 1] ?? 200 });
  const { notifier, log } = notifierTo(t, receiver.url);
  notifier.notify(created("a"));
  await waitUntil(() => receiver.messages.length === 5, "the fifth attempt");
  assert.deepEqual(keysTo(receiver), ["a", "a", "a", "a", "a"]);
  await waitUntil(() => log.some(({ msg }) => msg === "events are delivered again"), "its end in the log");
  assert.equal(log.filter(({ level }) => level === "warn").length, 1, "one line for an outage");
});

test("a connection that breaks, and one that nobody answers on, are tried again", async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = (number) => {
    if (number === 1) receiver.requests[0]?.socket.destroy();
    return number === 1 ? undefined : { status: 204 };
  };
  const { notifier } = notifierTo(t, receiver.url);
  notifier.notify(created("a"));
  await waitUntil(() => receiver.messages.length === 2, "the second attempt");
});

test("Retry-After is heeded", async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = (number) =>
    number === 1 ? { status: 503, headers: { "retry-after": "1" } } : { status: 204 };
  const { notifier } = notifierTo(t, receiver.url);
  const begunAtMs = performance.now();
  notifier.notify(created("a"));
  await waitUntil(() => receiver.messages.length === 2, "the second attempt");
  assert.ok(performance.now() - begunAtMs >= 990);
});

test("what the receiver refuses is dropped and logged, and holds up nothing; redirects are not followed", async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = (number) =>
    [{ status: 401 }, { status: 307, headers: { location: receiver.url } }][number - 1] ?? { status: 204 };
  const { notifier, log } = notifierTo(t, receiver.url);
  for (const key of ["a", "b", "c"]) {
    notifier.notify(created(key));
    await waitUntil(() => keysTo(receiver).includes(key), key);
  }
  assert.deepEqual(keysTo(receiver), ["a", "b", "c"]);
  const refusals = log.filter(({ msg }) => msg === "events refused by their receiver, and dropped");
  assert.deepEqual(
    refusals.map(({ why, events }) => [why, events]),
    [
      ["status 401", 1],
      ["status 307", 1],
    ],
  );
  assert.doesNotMatch(JSON.stringify(log), /secret|of=bucket/);
});

test("when too many wait the oldest go, and the log counts them", async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = () => ({ status: 503 });
  const { notifier, log } = notifierTo(t, receiver.url, { maxQueued: 10, retryMs: 20 });
  notifier.notify(created("first"));
  await waitUntil(() => receiver.messages.length > 0, "the first attempt");
  for (let sent = 0; sent < 30; sent += 1) notifier.notify(created(`k${sent}`));
  receiver.answer = () => ({ status: 204 });
  await waitUntil(() => keysTo(receiver).includes("k29"), "the newest");
  await notifier.close();
  const told = new Set(keysTo(receiver));
  assert.ok(told.has("first") && told.has("k20") && !told.has("k19") && !told.has("k0"));
  const counts = log.filter(({ msg }) => /^events dropped/.test(msg)).map(({ dropped }) => Number(dropped));
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    20,
  );
});

test("closing delivers what waits, without its delay", async (t) => {
  const receiver = await startReceiver(t);
  const { notifier } = notifierTo(t, receiver.url, { delayMs: 60_000 });
  for (let sent = 0; sent < 300; sent += 1) notifier.notify(created(`k${sent}`));
  await notifier.close();
  assert.equal(keysTo(receiver).length, 300);
});

test("closing does not wait long for a receiver that is away or silent, and says what was lost", async (t) => {
  for (const answer of [() => undefined, () => ({ status: 503, headers: { "retry-after": "9" } })]) {
    const receiver = await startReceiver(t);
    receiver.answer = answer;
    const { notifier, log } = notifierTo(t, receiver.url);
    notifier.notify(created("a"));
    await waitUntil(() => receiver.messages.length === 1, "the first attempt");
    notifier.notify(created("b"));
    const begunAtMs = performance.now();
    await notifier.close();
    assert.ok(performance.now() - begunAtMs < 4_000);
    assert.equal(log.find(({ msg }) => msg === "events dropped at the end")?.dropped, 2);
  }
});

test("a mistake of the configuration is named at the start", () => {
  const fine = { url: "http://127.0.0.1/e", bearerToken: "t", events: ["s3:ObjectCreated:*"] };
  const about = { bucket: "b", region: "r", now: () => new Date(), log: () => undefined };
  for (const [wrong, why] of [
    [{ url: "ftp://127.0.0.1/" }, /url/],
    [{ url: "nowhere" }, /url/],
    [{ url: "http://user:secret@127.0.0.1/" }, /url/],
    [{ bearerToken: "" }, /bearerToken/],
    [{ bearerToken: "a\r\nb" }, /bearerToken/],
    [{ events: ["s3:ObjectRestore:*"] }, /ObjectRestore/],
    [{ events: ["*"] }, /events/],
  ] as const)
    assert.throws(() => createNotifier({ ...fine, ...wrong }, about), why);
});

test("sequencers grow, whatever the clock does", () => {
  const next = createSequencer();
  let last = next(new Date(5_000));
  for (let made = 0; made < 200_000; made += 1) {
    const sequencer = next(new Date(made % 3 === 0 ? 4_000 : 5_000));
    assert.ok(sequencer > last && sequencer.length === 16, `${sequencer} after ${last}`);
    last = sequencer;
  }
  assert.ok(next(new Date()) > last);
});

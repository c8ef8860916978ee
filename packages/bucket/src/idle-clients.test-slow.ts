import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startBucketProcess } from "./testing/start-bucket-process.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";
import { clientOf, rawHead } from "./testing/test-bucket.ts";
import { waitUntil } from "./testing/wait-until.ts";

const connections = 2000;
/** Measured: 15 KiB. */
const maxBytesPerConnection = 40 * 1024;
/** Measured alone: a few milliseconds. Far more here, for machines with other work; far less than to wait for the idle ones. */
const maxAnswerMs = 5000;

async function openSockets(t: TestContext, origin: string, count: number): Promise<Socket[]> {
  const port = Number(new URL(origin).port);
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  while (sockets.length < count) {
    // Not more at a time than wait to be accepted.
    const some = Array.from({ length: Math.min(100, count - sockets.length) }, () =>
      connect(port, "127.0.0.1"),
    );
    for (const socket of some) socket.on("error", () => undefined);
    sockets.push(...some);
    await Promise.all(some.map((socket) => once(socket, "connect")));
  }
  return sockets;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

test("two thousand idle connections cost little, and nobody waits for them", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const { origin, state } = await startBucketProcess(t, directory);
  const client = clientOf(origin);
  const roundTrip = async (): Promise<void> => {
    assert.equal((await client.put("k", Buffer.alloc(100_000))).status, 200);
    assert.equal((await client.get("k")).status, 200);
  };
  for (let times = 0; times < 20; times += 1) await roundTrip();
  const before = (await state()).rssBytes;

  const sockets = await openSockets(t, origin, connections);
  // Half of them have asked something, and are kept for more; the others have said nothing yet.
  let answers = 0;
  for (const socket of sockets.slice(0, connections / 2)) {
    socket.once("data", () => {
      answers += 1;
    });
    socket.write("GET /-/health HTTP/1.1\r\nhost: a\r\n\r\n");
  }
  await waitUntil(() => answers === connections / 2, "all answers", 60_000);
  const each = ((await state()).rssBytes - before) / connections;
  t.diagnostic(`${(each / 1024).toFixed(1)} KiB of memory a connection`);
  assert.ok(each < maxBytesPerConnection, `${each} bytes a connection`);

  const times: number[] = [];
  for (let count = 0; count < 10; count += 1) times.push(await timeOf(roundTrip));
  t.diagnostic(`a PUT and a GET meanwhile: at most ${Math.max(...times).toFixed(0)} ms`);
  assert.ok(Math.max(...times) < maxAnswerMs);
});

test("clients that send a byte at a time, stop in the middle or never read are ended, and others are served meanwhile", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const options = { headersTimeoutMs: 2000, idleTimeoutMs: 2000 };
  const { origin, state } = await startBucketProcess(t, directory, { options });
  const client = clientOf(origin);
  const large = Buffer.alloc(20_000_000, 1);
  assert.equal((await client.put("large", large)).status, 200);

  const perKind = 50;
  const headers = { "content-length": "100000" };
  const put = (index: number): string =>
    rawHead("PUT", client.presign("PUT", `slow/${index}`, headers), headers);
  const get = rawHead("GET", client.presign("GET", "large"), {});
  const kinds = {
    "a head, byte by byte": () => "",
    "a body, byte by byte": (index: number) => put(index),
    "half a body": (index: number) => put(index) + "a".repeat(50_000),
    "a GET that is not read": () => get,
  };
  const started = await Promise.all(
    Object.entries(kinds).map(async ([kind, begin]) => {
      const sockets = await openSockets(t, origin, perKind);
      let closed = 0;
      for (const [index, socket] of sockets.entries()) {
        socket.on("close", () => {
          closed += 1;
        });
        if (kind.includes("not read")) socket.pause();
        else socket.resume();
        socket.write(begin(index));
        if (!kind.includes("byte by byte")) continue;
        const letters = setInterval(() => socket.writable && socket.write("a"), 200);
        socket.on("close", () => clearInterval(letters));
      }
      return { kind, closed: () => closed };
    }),
  );

  let isOver = false;
  const meanwhile = (async () => {
    const times: number[] = [];
    while (!isOver) times.push(await timeOf(() => client.put("other", "content")));
    return Math.max(...times);
  })();
  // Who does not read does not see the end.
  for (const { kind, closed } of started)
    if (!kind.includes("not read")) await waitUntil(() => closed() === perKind, kind, 60_000);
  await waitUntil(async () => (await state()).connections <= 1, "the server to be rid of all", 60_000);
  isOver = true;
  const slowest = await meanwhile;
  t.diagnostic(`a PUT meanwhile: at most ${slowest.toFixed(0)} ms`);
  assert.ok(slowest < maxAnswerMs);
  assert.equal((await client.get("slow/0")).status, 404);
});

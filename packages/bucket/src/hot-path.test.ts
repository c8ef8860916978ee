import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { receiveContent } from "./http/receive-content.ts";
import { startTestBucket, uploadHeaders } from "./testing/test-bucket.ts";
import { type CallName, watchFileOperations } from "./testing/watched-file-operations.ts";

/** How often each call was made, in the order of the first of each. */
const tally = (calls: readonly CallName[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const call of calls) counts[call] = (counts[call] ?? 0) + 1;
  return counts;
};

const mebibyte = 1024 * 1024;

test("each thing asked of the disk costs a turn of a thread: a PUT and a GET ask for no more than they must", async (t) => {
  const { operations, calls } = watchFileOperations();
  const bucket = await startTestBucket(t, { fileOperations: operations });
  const callsOf = async (work: () => Promise<{ readonly status: number }>) => {
    calls.length = 0;
    assert.equal((await work()).status, 200);
    // The last ones follow the answer.
    while (!calls.includes("file.close")) await setImmediate();
    return tally(calls);
  };
  const put = (key: string, content: Buffer) => () => bucket.put(key, content, uploadHeaders(content));
  const content = randomBytes(2 * mebibyte);
  // Makes the directories.
  await put("uploads/aa0", content)();

  const aroundWrites = {
    exists: 1,
    createFile: 1,
    "file.syncData": 1,
    link: 1,
    syncDirectory: 1,
    "file.close": 1,
    remove: 1,
  };
  const { "file.writeAt": writes = 0, ...others } = await callsOf(put("uploads/aa1", content));
  assert.deepEqual(others, aroundWrites);
  // 512 KiB at a time, and the header.
  assert.ok(writes <= 6, `${writes} writes`);
  // What fits into one is written in one, its header with it.
  assert.deepEqual(await callsOf(put("uploads/aa2", randomBytes(300_000))), {
    ...aroundWrites,
    "file.writeAt": 1,
  });

  assert.deepEqual(await callsOf(() => bucket.get("uploads/aa1")), {
    openFile: 1,
    // The header, and 512 KiB at a time.
    "file.readAt": 5,
    "file.sizeBytes": 1,
    "file.close": 1,
  });
});

test("what came of a body is freed once it is taken, and no earlier", async (t) => {
  const chunks: Buffer[] = [];
  const lengthsWhileTaken: number[] = [];
  const { promise: received, resolve, reject } = Promise.withResolvers<void>();
  const server = http.createServer((request, response) => {
    receiveContent(request, { sizeBytes: mebibyte, contentType: "image/jpeg", sha256: [] }, (chunk) => {
      chunks.push(chunk);
      // Every other time the disk is behind.
      if (chunks.length % 2 === 0) return undefined;
      return setImmediate().then(() => {
        lengthsWhileTaken.push(chunk.length);
      });
    })
      .then(resolve, reject)
      .finally(() => response.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  await fetch(`http://127.0.0.1:${port}`, { method: "PUT", body: randomBytes(mebibyte) });
  await received;
  assert.ok(chunks.length > 3);
  assert.ok(lengthsWhileTaken.every((length) => length > 0));
  // Small ones are not worth the call.
  assert.ok(chunks.every(({ length }) => length < 4096));
});

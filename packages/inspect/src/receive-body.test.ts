import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inPieces, temporaryDirectory } from "./inspect-bytes.test-data.ts";
import { receiveBody } from "./receive-body.ts";

const bytes = Buffer.alloc(300_000, "The quick brown fox. ");

test("a body arrives on disk as it is, readable by this user only, hashed and counted on the way", async (t) => {
  const path = join(temporaryDirectory(t), "copy");
  assert.deepEqual(await receiveBody(inPieces(bytes), path, bytes.length), {
    complete: true,
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
  assert.ok(readFileSync(path).equals(bytes));
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("a body longer than the limit is not read on, and its source is told to stop", async (t) => {
  const path = join(temporaryDirectory(t), "copy");
  let pieces = 0;
  let stopped = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        pieces += 1;
        yield bytes.subarray(0, 1000);
      }
    } finally {
      stopped = true;
    }
  }
  const { complete } = await receiveBody(endless(), path, 10_500);
  assert.equal(complete, false);
  assert.equal(pieces, 11);
  assert.ok(stopped);
});

test("a body that breaks off is an outage of its source, not a short file", async (t) => {
  const path = join(temporaryDirectory(t), "copy");
  const reset = new Error("connection reset");
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield bytes;
    throw reset;
  }
  await assert.rejects(receiveBody(broken(), path, bytes.length), { code: "source-failed", cause: reset });
});

test("a copy that can't be written is an outage too, told apart from the source's", async (t) => {
  const path = join(temporaryDirectory(t), "missing", "copy");
  await assert.rejects(receiveBody(inPieces(bytes), path, bytes.length), { code: "temporary-file-failed" });
});

test("an existing file is not written over", async (t) => {
  const path = join(temporaryDirectory(t), "copy");
  await receiveBody(inPieces(bytes), path, bytes.length);
  await assert.rejects(receiveBody(inPieces(bytes), path, bytes.length), { code: "temporary-file-failed" });
});

test("a source that stalls is left as soon as the signal fires", { timeout: 10_000 }, async (t) => {
  const path = join(temporaryDirectory(t), "copy");
  const controller = new AbortController();
  const reason = new Error("shutting down");
  async function* stalling(): AsyncGenerator<Uint8Array> {
    yield bytes;
    controller.abort(reason);
    await new Promise(() => undefined);
  }
  await assert.rejects(receiveBody(stalling(), path, bytes.length, { signal: controller.signal }), {
    code: "aborted",
    cause: reason,
  });
});

test("a signal that fired before leaves the source alone", async (t) => {
  const path = join(temporaryDirectory(t), "copy");
  await assert.rejects(receiveBody(inPieces(bytes), path, bytes.length, { signal: AbortSignal.abort() }), {
    code: "aborted",
  });
  assert.equal(existsSync(path) && statSync(path).size > 0, false);
});

test("a part that is not as declared is named", async (t) => {
  const path = join(temporaryDirectory(t), "copy");
  const sha256 = (part: Uint8Array) => createHash("sha256").update(part).digest("hex");
  const parts = {
    sizeBytes: 200_000,
    sha256s: [sha256(bytes.subarray(0, 200_000)), sha256(bytes.subarray(200_000))],
  };
  const right = await receiveBody(inPieces(bytes), `${path}1`, bytes.length, { parts });
  assert.equal(right.wrongPart, undefined);
  const changed = Buffer.from(bytes);
  changed[250_000] = 0;
  assert.equal((await receiveBody(inPieces(changed), `${path}2`, bytes.length, { parts })).wrongPart, 2);
});

test("a signal that fires while the copy is being opened ends in the rejection, and in nothing besides", async (t) => {
  const path = join(temporaryDirectory(t), "copy");
  const controller = new AbortController();
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  t.after(() => process.off("unhandledRejection", note));
  const received = receiveBody(inPieces(bytes), path, bytes.length, { signal: controller.signal });
  controller.abort(new Error("shutting down"));
  await assert.rejects(received, { code: "aborted" });
  assert.deepEqual(unhandled, []);
});

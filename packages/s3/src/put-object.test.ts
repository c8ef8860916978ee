import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { StoreRefusedError } from "@stowage/core";
import {
  answer,
  causedBy,
  fail,
  hangUp,
  headed,
  type Step,
  startScriptedServer,
} from "./scripted-server.testing.ts";

const body = Buffer.from("some bytes");
const digest = createHash("sha256").update(body).digest();
const put = { key: "a", body, contentType: "image/png", sha256: digest.toString("hex"), ifAbsent: true };
const gone = fail(412, "PreconditionFailed");
const same = { "x-amz-checksum-sha256": digest.toString("base64") };

async function outcome(...steps: Step[]) {
  await using server = await startScriptedServer(...steps);
  const result = await server.store().put(put);
  assert.equal(server.seen.length, steps.length);
  return result;
}

describe("a put where the object has to be absent", () => {
  it("says so to the store, with the body's type and digest", async () => {
    await using server = await startScriptedServer(answer(200));
    assert.equal(await server.store().put(put), "stored");
    const [request] = server.seen;
    assert.deepEqual(request?.body, body);
    assert.equal(request?.headers["if-none-match"], "*");
    assert.equal(request?.headers["content-type"], "image/png");
    assert.equal(request?.headers["content-length"], "10");
    assert.equal(request?.headers["x-amz-checksum-sha256"], digest.toString("base64"));
  });

  it("takes the store's first word for it that something is there", async () => {
    assert.equal(await outcome(gone), "exists");
    assert.equal(await outcome(answer(412)), "exists");
  });

  it("knows its own bytes again by their digest after an answer was lost", async () => {
    assert.equal(await outcome(hangUp, gone, headed(10, same)), "stored");
    assert.equal(await outcome(answer(500), gone, headed(10, same)), "stored");
  });

  it("knows its own bytes again by reading them where the store has no digest", async () => {
    assert.equal(await outcome(hangUp, gone, headed(10), answer(200, "some bytes")), "stored");
  });

  it("takes other bytes for another's after an answer was lost", async () => {
    const other = { "x-amz-checksum-sha256": Buffer.alloc(32).toString("base64") };
    assert.equal(await outcome(hangUp, gone, headed(11, same)), "exists");
    assert.equal(await outcome(hangUp, gone, headed(10, other)), "exists");
    assert.equal(await outcome(hangUp, gone, headed(10), answer(200, "same bytes")), "exists");
    assert.equal(await outcome(hangUp, gone, headed(10), fail(404, "NoSuchKey")), "exists");
  });

  it("comes to its answer when looking into it fails at first", async () => {
    assert.equal(await outcome(hangUp, gone, answer(503), gone, headed(10, same)), "stored");
  });

  it("is tried again when it collided with another", async () => {
    assert.equal(await outcome(fail(409, "ConditionalRequestConflict"), answer(200)), "stored");
  });
});

describe("a put", () => {
  it("sets no condition by itself, and takes a 412 for a refusal", async () => {
    await using server = await startScriptedServer(gone);
    const { ifAbsent: _, ...unconditional } = put;
    await assert.rejects(
      server.store().put(unconditional),
      causedBy(StoreRefusedError, "PreconditionFailed", 412),
    );
    assert.equal(server.seen[0]?.headers["if-none-match"], undefined);
  });

  it("sends nothing under what is no digest", async () => {
    await using server = await startScriptedServer();
    for (const sha256 of ["", "abc", put.sha256.toUpperCase(), `${put.sha256}00`])
      await assert.rejects(server.store().put({ ...put, sha256 }), TypeError);
    assert.equal(server.seen.length, 0);
  });
});

describe("a put of a streamed body", () => {
  it("opens it anew for each attempt", async () => {
    await using server = await startScriptedServer(hangUp, answer(200));
    let opened = 0;
    async function* open() {
      opened += 1;
      yield body.subarray(0, 4);
      yield body.subarray(4);
    }
    const streamed = { ...put, body: { byteLength: body.length, open } };
    assert.equal(await server.store().put(streamed), "stored");
    assert.equal(opened, 2);
    assert.deepEqual(server.seen[1]?.body, body);
    assert.equal(server.seen[1]?.headers["content-length"], "10");
  });
});

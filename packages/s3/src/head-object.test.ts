import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreRefusedError, StoreUnavailableError } from "@stowage/core";
import { answer, causedBy, fail, headed, listing, startScriptedServer } from "./scripted-server.testing.ts";

const base64 = Buffer.alloc(32, 7).toString("base64");

describe("a head", () => {
  it("asks for the digest and gives it in hex", async () => {
    await using server = await startScriptedServer(
      headed(12, { "x-amz-checksum-sha256": base64, "content-type": "image/png" }),
    );
    assert.deepEqual(await server.store().head("a"), {
      key: "a",
      sizeBytes: 12,
      lastModifiedMs: Date.UTC(2026, 0, 2, 3, 4, 5),
      contentType: "image/png",
      sha256: "07".repeat(32),
    });
    assert.equal(server.seen[0]?.headers["x-amz-checksum-mode"], "ENABLED");
  });

  it("takes the digest of parts' digests for none", async () => {
    await using server = await startScriptedServer(headed(12, { "x-amz-checksum-sha256": `${base64}-3` }));
    assert.equal((await server.store().head("a"))?.sha256, undefined);
  });

  it("throws for an answer without length or date", async () => {
    await using server = await startScriptedServer(
      (response) => response.writeHead(200, { "last-modified": "Fri, 02 Jan 2026 03:04:05 GMT" }).end(),
      answer(200, "", { "content-length": "5" }),
      headed(5, { "last-modified": "yesterday" }),
    );
    const store = server.store({ maxRetries: 0 });
    for (let call = 0; call < 3; call += 1) await assert.rejects(store.head("a"), StoreUnavailableError);
  });

  it("makes sure that the bucket is there before it calls an object missing, once a minute", async () => {
    await using server = await startScriptedServer(answer(404), listing([]), answer(404), answer(404));
    const store = server.store();
    for (let call = 0; call < 3; call += 1) assert.equal(await store.head("a"), undefined);
    assert.deepEqual(
      server.seen.map(({ method }) => method),
      ["HEAD", "GET", "HEAD", "HEAD"],
    );
  });

  it("asks for the bucket no more once it was heard from", async () => {
    await using server = await startScriptedServer(fail(404, "NoSuchKey"), answer(404));
    const store = server.store();
    await store.get("a");
    assert.equal(await store.head("a"), undefined);
    assert.equal(server.seen.length, 2);
  });

  it("refuses to call an object missing where its bucket is", async () => {
    await using server = await startScriptedServer(answer(404), fail(404, "NoSuchBucket"));
    await assert.rejects(server.store().head("a"), causedBy(StoreRefusedError, "NoSuchBucket", 404));
  });

  it("refuses to call an object missing where a proxy answers for the bucket", async () => {
    await using server = await startScriptedServer(answer(404), answer(404, "<html>not here</html>"));
    await assert.rejects(server.store({ maxRetries: 0 }).head("a"), StoreUnavailableError);
  });
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { describeObjectStore } from "../ports/object-store.contract.ts";
import { createMemoryObjectStore } from "./memory-object-store.ts";

describeObjectStore("the store in memory", async () => {
  let advancedMs = 0;
  const store = createMemoryObjectStore({ clock: { nowMs: () => Date.now() + advancedMs } });
  return {
    store,
    send: (request, bytes) => store.receive(request, bytes),
    fetchBytes: (request) => store.fetchBytes(request),
    advance: (ms) => {
      advancedMs += ms;
    },
    close: async () => undefined,
  };
});

describe("the store in memory", () => {
  const clock = { nowMs: () => 1_700_000_000_000 };
  const text = (value: string) => new TextEncoder().encode(value);
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  const presign = (store: ReturnType<typeof createMemoryObjectStore>, bytes: Uint8Array) =>
    store.presignPut({
      key: "uploads/a",
      sizeBytes: bytes.byteLength,
      contentType: "text/plain",
      sha256: sha256(bytes),
      expiresInSeconds: 600,
      signedAtMs: clock.nowMs(),
    });

  it("is lax where its capabilities say so", async () => {
    const store = createMemoryObjectStore({
      clock,
      capabilities: { enforcesChecksum: false, enforcesIfNoneMatch: false, enforcesSignedHeaders: false },
    });
    const request = presign(store, text("declared"));
    assert.equal(await store.receive(request, text("delivers")), 200);
    assert.equal(await store.receive(request, text("replaced")), 200);
    const lax = { ...request, headers: { ...request.headers, "x-amz-acl": "public-read" } };
    assert.equal(await store.receive(lax, text("declared")), 200);
    assert.deepEqual(store.objects.get("uploads/a")?.bytes, text("declared"));
    assert.equal((await store.head("uploads/a"))?.sha256, undefined);
  });

  it("keeps its bytes when the caller's buffer changes", async () => {
    const store = createMemoryObjectStore({ clock });
    const body = Buffer.from("before");
    await store.put({ key: "a", body, contentType: "text/plain", sha256: sha256(body) });
    body.fill("x");
    const sent = Buffer.from("sent");
    await store.receive(presign(store, sent), sent);
    sent.fill("x");
    assert.deepEqual(store.objects.get("a")?.bytes, text("before"));
    assert.deepEqual(store.objects.get("uploads/a")?.bytes, text("sent"));
  });

  it("refuses a URL that another store made", async () => {
    const request = presign(createMemoryObjectStore({ clock }), text("x"));
    assert.equal(await createMemoryObjectStore({ clock }).receive(request, text("x")), 403);
  });
});

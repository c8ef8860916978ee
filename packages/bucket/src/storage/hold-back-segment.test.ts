import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { getContent, openTestStore } from "../testing/stored-content.ts";
import { filesBelow, temporaryDirectory } from "../testing/temporary-directory.ts";
import { segmentBytes } from "./segment-cipher.ts";

const content = randomBytes(3 * segmentBytes + 1);

test("content of any size, in any chunks, is read back as it came, though nobody said its size", async (t) => {
  const store = await openTestStore(await temporaryDirectory(t));
  const aroundSegments = fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -2, max: 2 }))
    .map(([segments, more]) => Math.max(0, Math.min(content.length, segments * segmentBytes + more)));
  const sizes = fc.oneof(aroundSegments, fc.integer({ min: 0, max: content.length }));
  const chunks = fc.oneof(fc.integer({ min: 200, max: 2 * segmentBytes }), fc.constant(segmentBytes));
  await fc.assert(
    fc.asyncProperty(sizes, chunks, async (sizeBytes, chunkBytes) => {
      const sent = content.subarray(0, sizeBytes);
      const incoming = await store.receive("k", { withMd5: true, onlyIfAbsent: false });
      for (let at = 0; at < sent.length; at += chunkBytes)
        await incoming.push(sent.subarray(at, at + chunkBytes));
      const { sha256, md5 } = await incoming.finish();
      await incoming.publish({ contentType: "text/plain" });
      assert.equal(sha256, createHash("sha256").update(sent).digest("hex"));
      assert.equal(md5, createHash("md5").update(sent).digest("hex"));
      assert.ok((await getContent(store, "k"))?.equals(sent), `${sizeBytes} in chunks of ${chunkBytes}`);
      const last = { start: Math.max(0, sizeBytes - 10), end: sizeBytes };
      assert.ok((await getContent(store, "k", last))?.equals(sent.subarray(last.start)));
    }),
    { numRuns: 60 },
  );
});

test("content that is given up leaves nothing", async (t) => {
  const directory = await temporaryDirectory(t);
  const store = await openTestStore(directory);
  const incoming = await store.receive("k", { withMd5: false, onlyIfAbsent: false });
  await incoming.push(content);
  await incoming.discard();
  assert.deepEqual(
    [...filesBelow(join(directory, "incoming")), ...filesBelow(join(directory, "objects"))],
    [],
  );
});

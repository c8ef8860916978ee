import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { PresignedRequest, PresignPart } from "./object-store.ts";
import {
  bytesUnder,
  type ObjectStoreCase,
  putBytes,
  type Scene,
  sha256Hex,
  text,
} from "./object-store-case.contract.ts";

/** S3's least part but the last. */
const smallestPartBytes = 5 * 1024 * 1024;

const create = (scene: Scene, key = scene.newKey()) =>
  scene.store.createMultipartUpload({ key, contentType: "video/mp4" }).then((storeUploadId) => ({
    key,
    storeUploadId,
  }));

const partOf = (
  scene: Scene,
  multipart: { readonly key: string; readonly storeUploadId: string },
  partNumber: number,
  bytes: Uint8Array,
): PresignPart => ({
  ...multipart,
  partNumber,
  sizeBytes: bytes.byteLength,
  sha256: sha256Hex(bytes),
  expiresInSeconds: 600,
  signedAtMs: scene.nowMs(),
});

async function sendPart(
  scene: Scene,
  multipart: { readonly key: string; readonly storeUploadId: string },
  partNumber: number,
  bytes: Uint8Array,
): Promise<void> {
  const request = scene.store.presignPart(partOf(scene, multipart, partNumber, bytes));
  assert.equal(await scene.send(request, bytes), 200);
}

/** What is listed, as far as every store says the same of it. */
async function listed(scene: Scene, multipart: { readonly key: string; readonly storeUploadId: string }) {
  const parts = await scene.store.listParts(multipart);
  return parts?.map(({ partNumber, sizeBytes }) => [partNumber, sizeBytes]);
}

async function openMultiparts({ store }: Scene, prefix: string, limit = 1000) {
  const items = [];
  for (let after: { key: string; storeUploadId: string } | undefined; ; ) {
    const page = await store.listMultipartUploads({ prefix, limit, ...(after ? { after } : {}) });
    assert.ok(page.items.length <= limit, `a page of at most ${limit}`);
    items.push(...page.items);
    if (!page.next) return items;
    after = page.next;
  }
}

/** The cases over uploads in parts. */
export const multipartCases: readonly ObjectStoreCase[] = [
  {
    name: "joins parts that came in any order, one of them twice, into an object of the type that was said",
    uses: ["send"],
    async run(scene) {
      const { store } = scene;
      const multipart = await create(scene);
      const [first, second, third] = [
        randomBytes(smallestPartBytes),
        randomBytes(smallestPartBytes + 7),
        randomBytes(1),
      ];
      await sendPart(scene, multipart, 3, third);
      await sendPart(scene, multipart, 1, randomBytes(smallestPartBytes));
      await sendPart(scene, multipart, 2, second);
      await sendPart(scene, multipart, 1, first);
      const parts = await store.listParts(multipart);
      assert.deepEqual(
        parts?.map(({ partNumber, sizeBytes }) => [partNumber, sizeBytes]),
        [
          [1, first.byteLength],
          [2, second.byteLength],
          [3, 1],
        ],
      );
      for (const [index, part] of (parts ?? []).entries()) {
        const bytes = [first, second, third][index] ?? text("");
        if (store.capabilities.enforcesChecksum || part.sha256 !== undefined)
          assert.equal(part.sha256, sha256Hex(bytes));
        assert.doesNotMatch(part.etag, /"/);
      }
      assert.equal(await store.head(multipart.key), undefined, "nothing is there before it is completed");
      assert.equal(await store.completeMultipartUpload({ ...multipart, parts: parts ?? [] }), "completed");
      const whole = Buffer.concat([first, second, third]);
      const head = await store.head(multipart.key);
      assert.equal(head?.sizeBytes, whole.byteLength);
      assert.equal(head.contentType, "video/mp4");
      assert.equal(sha256Hex((await bytesUnder(store, multipart.key)) ?? text("")), sha256Hex(whole));
      const got = await store.get(multipart.key);
      assert.equal(got?.sizeBytes, whole.byteLength);
      for await (const chunk of got.body) {
        assert.ok(chunk.byteLength > 0);
        break;
      }
    },
  },
  {
    name: "takes parts that are sent to it itself, the last under a number, and none of an upload that is not there",
    async run(scene) {
      const { store } = scene;
      const multipart = await create(scene);
      const [first, second] = [randomBytes(smallestPartBytes), randomBytes(7)];
      const put = (partNumber: number, body: Uint8Array) =>
        store.putPart({ ...multipart, partNumber, body, sha256: sha256Hex(body) });
      await put(2, randomBytes(9));
      const parts = [await put(1, first), await put(2, second)].map(
        (part) => part ?? assert.fail("no such upload"),
      );
      assert.deepEqual(
        parts.map(({ partNumber, sizeBytes }) => [partNumber, sizeBytes]),
        [
          [1, first.byteLength],
          [2, 7],
        ],
      );
      assert.deepEqual(await listed(scene, multipart), [
        [1, first.byteLength],
        [2, 7],
      ]);
      assert.equal(await store.completeMultipartUpload({ ...multipart, parts }), "completed");
      const whole = await bytesUnder(store, multipart.key);
      assert.equal(sha256Hex(whole ?? text("")), sha256Hex(Buffer.concat([first, second])));
      assert.equal(await put(1, first), undefined);
    },
  },
  {
    name: "completes once: afterwards there is no such upload, and its URLs bring nothing",
    uses: ["send"],
    async run(scene) {
      const { store } = scene;
      const multipart = await create(scene);
      const bytes = randomBytes(1000);
      const request = store.presignPart(partOf(scene, multipart, 1, bytes));
      assert.equal(await scene.send(request, bytes), 200);
      const parts = (await store.listParts(multipart)) ?? [];
      assert.equal(await store.completeMultipartUpload({ ...multipart, parts }), "completed");
      // AWS answers a repetition as it answered before; nothing else may come of it.
      const again = await store.completeMultipartUpload({ ...multipart, parts });
      assert.ok(["missing", "exists", "completed"].includes(again), again);
      assert.equal(await store.listParts(multipart), undefined);
      assert.equal(await scene.send(request, bytes), 404);
      assert.deepEqual(await bytesUnder(store, multipart.key), new Uint8Array(bytes));
      await store.abortMultipartUpload(multipart);
      assert.deepEqual(
        await bytesUnder(store, multipart.key),
        new Uint8Array(bytes),
        "an abort comes too late",
      );
    },
  },
  {
    name: "completes for one of eight that race, and tells the others that it is there or gone",
    uses: ["send"],
    async run(scene) {
      const { store } = scene;
      const multipart = await create(scene);
      const bytes = randomBytes(2000);
      await sendPart(scene, multipart, 1, bytes);
      const parts = (await store.listParts(multipart)) ?? [];
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => store.completeMultipartUpload({ ...multipart, parts })),
      );
      assert.ok(outcomes.includes("completed"), outcomes.join());
      for (const outcome of outcomes)
        assert.ok(["completed", "missing", "exists"].includes(outcome), outcome);
      assert.deepEqual(await bytesUnder(store, multipart.key), new Uint8Array(bytes));
    },
  },
  {
    name: "joins no parts that are not there, or are no longer as they were listed",
    uses: ["send"],
    async run(scene) {
      const { store } = scene;
      const multipart = await create(scene);
      await sendPart(scene, multipart, 1, text("as listed"));
      const [part] = (await store.listParts(multipart)) ?? [];
      assert.ok(part);
      const missing = { ...part, partNumber: 2 };
      assert.equal(await store.completeMultipartUpload({ ...multipart, parts: [part, missing] }), "changed");
      await sendPart(scene, multipart, 1, text("sent again"));
      assert.equal(await store.completeMultipartUpload({ ...multipart, parts: [part] }), "changed");
      assert.equal(await store.head(multipart.key), undefined);
      const parts = (await store.listParts(multipart)) ?? [];
      assert.equal(await store.completeMultipartUpload({ ...multipart, parts }), "completed");
      assert.deepEqual(await bytesUnder(store, multipart.key), text("sent again"));
    },
  },
  {
    name: "completes over no object that is there already",
    uses: ["send"],
    needs: "enforcesIfNoneMatch",
    async run(scene) {
      const { store } = scene;
      const multipart = await create(scene);
      await sendPart(scene, multipart, 1, text("later"));
      await putBytes(store, multipart.key, text("first"));
      const parts = (await store.listParts(multipart)) ?? [];
      assert.equal(await store.completeMultipartUpload({ ...multipart, parts }), "exists");
      assert.deepEqual(await bytesUnder(store, multipart.key), text("first"));
      assert.deepEqual(await listed(scene, multipart), [[1, 5]], "the upload is still open");
      await store.abortMultipartUpload(multipart);
      assert.deepEqual(await bytesUnder(store, multipart.key), text("first"));
    },
  },
  {
    name: "aborts once and again: no parts are left, and their URLs bring nothing",
    uses: ["send"],
    async run(scene) {
      const { store } = scene;
      const multipart = await create(scene);
      const bytes = text("never joined");
      const request = store.presignPart(partOf(scene, multipart, 1, bytes));
      assert.equal(await scene.send(request, bytes), 200);
      for (let time = 0; time < 2; time += 1) await store.abortMultipartUpload(multipart);
      assert.equal(await store.listParts(multipart), undefined);
      assert.equal(await scene.send(request, bytes), 404);
      assert.equal(await store.head(multipart.key), undefined);
      assert.deepEqual(await openMultiparts(scene, multipart.key), []);
    },
  },
  {
    name: "says of an aborted upload that there is none to complete",
    uses: ["send"],
    async run(scene) {
      const { store } = scene;
      const multipart = await create(scene);
      await sendPart(scene, multipart, 1, text("never joined"));
      const parts = (await store.listParts(multipart)) ?? [];
      await store.abortMultipartUpload(multipart);
      assert.equal(await store.completeMultipartUpload({ ...multipart, parts }), "missing");
      assert.equal(await store.head(multipart.key), undefined);
    },
  },
  {
    name: "keeps several uploads of one key apart",
    uses: ["send"],
    async run(scene) {
      const { store } = scene;
      const one = await create(scene);
      const other = await create(scene, one.key);
      assert.notEqual(one.storeUploadId, other.storeUploadId);
      await sendPart(scene, one, 1, text("one"));
      assert.deepEqual(await listed(scene, other), []);
      await store.abortMultipartUpload(other);
      assert.deepEqual(await listed(scene, one), [[1, 3]]);
      const elsewhere = { key: scene.newKey(), storeUploadId: one.storeUploadId };
      assert.equal(await store.listParts(elsewhere), undefined, "an upload belongs to its key");
      await store.abortMultipartUpload(one);
    },
  },
  {
    name: "lists every one of more parts than a page holds, by number",
    uses: ["send"],
    async run(scene) {
      const multipart = await create(scene);
      const numbers = Array.from({ length: 1005 }, (_, index) => index + 1);
      const left = numbers.toReversed();
      const send = async () => {
        for (let number = left.pop(); number !== undefined; number = left.pop())
          await sendPart(scene, multipart, number, text("x"));
      };
      await Promise.all(Array.from({ length: 8 }, send));
      const parts = await scene.store.listParts(multipart);
      assert.deepEqual(
        parts?.map(({ partNumber }) => partNumber),
        numbers,
      );
      await scene.store.abortMultipartUpload(multipart);
    },
  },
  {
    name: "lists open uploads under a prefix, dated, whatever the page's size",
    async run(scene) {
      const prefix = `${scene.newKey()}/`;
      const made = [];
      for (const name of ["b", "a", "a", "c/d", "a-b"]) made.push(await create(scene, prefix + name));
      const outside = await create(scene, `${prefix.slice(0, -1)}-beside`);
      const idsOf = (items: readonly { readonly key: string; readonly storeUploadId: string }[]) =>
        items.map(({ key, storeUploadId }) => `${key} ${storeUploadId}`).sort();
      for (const limit of [1, 2, 1000]) {
        const items = await openMultiparts(scene, prefix, limit);
        assert.deepEqual(idsOf(items), idsOf(made), `by pages of ${limit}`);
        for (const { initiatedAtMs } of items)
          assert.ok(Math.abs(initiatedAtMs - Date.now()) < 86_400_000, "dated");
      }
      for (const multipart of [...made, outside]) await scene.store.abortMultipartUpload(multipart);
      assert.deepEqual(await openMultiparts(scene, prefix), []);
    },
  },
  {
    name: "refuses a part of other bytes than those signed, and keeps nothing of them",
    uses: ["send"],
    needs: "enforcesChecksum",
    async run(scene) {
      const multipart = await create(scene);
      const request = scene.store.presignPart(partOf(scene, multipart, 1, text("signed")));
      assert.equal(await scene.send(request, text("forged")), 400);
      assert.deepEqual(await listed(scene, multipart), []);
      await scene.store.abortMultipartUpload(multipart);
    },
  },
  {
    name: "answers 403 to a part of another length, number, upload or header than signed, and keeps nothing",
    uses: ["send"],
    async run(scene) {
      const multipart = await create(scene);
      const other = await create(scene);
      const bytes = text("as signed");
      const request = scene.store.presignPart(partOf(scene, multipart, 1, bytes));
      const changed = (change: (query: URLSearchParams) => void): PresignedRequest => {
        const url = new URL(request.url);
        change(url.searchParams);
        return { ...request, url: url.href };
      };
      const bent: readonly (readonly [PresignedRequest, Uint8Array])[] = [
        [request, text("as signe")],
        [request, text("as signed, and more")],
        [changed((query) => query.set("partNumber", "2")), bytes],
        [changed((query) => query.set("uploadId", other.storeUploadId)), bytes],
        [{ ...request, headers: {} }, bytes],
      ];
      for (const [index, [bentRequest, sent]] of bent.entries())
        assert.equal(await scene.send(bentRequest, sent), 403, `case ${index}`);
      for (const each of [multipart, other]) {
        assert.deepEqual(await listed(scene, each), []);
        await scene.store.abortMultipartUpload(each);
      }
    },
  },
  {
    name: "takes a part's URL to its end and no longer",
    uses: ["send", "advance"],
    async run(scene) {
      const multipart = await create(scene);
      const bytes = text("in time");
      const part = { ...partOf(scene, multipart, 1, bytes), expiresInSeconds: 60 };
      const request = scene.store.presignPart(part);
      assert.ok(request.expiresAtMs <= part.signedAtMs + 60_000);
      await scene.advance(request.expiresAtMs - scene.nowMs() - 5_000);
      assert.equal(await scene.send(request, bytes), 200);
      await scene.advance(5_000);
      assert.equal(await scene.send(request, bytes), 403);
      await scene.store.abortMultipartUpload(multipart);
    },
  },
  {
    name: "presigns parts with the one header that a browser sets, the same twice, within their ranges",
    async run(scene) {
      const { store } = scene;
      const part = partOf(scene, { key: scene.newKey(), storeUploadId: "an-id" }, 10_000, text("x"));
      const request = store.presignPart(part);
      assert.equal(request.method, "PUT");
      assert.deepEqual(request.headers, {
        "x-amz-checksum-sha256": Buffer.from(part.sha256, "hex").toString("base64"),
      });
      assert.deepEqual(store.presignPart(part), request);
      for (const partNumber of [0, 10_001, 1.5, Number.NaN])
        assert.throws(() => store.presignPart({ ...part, partNumber }), RangeError);
      for (const sizeBytes of [0, -1, 1.5, Number.NaN])
        assert.throws(() => store.presignPart({ ...part, sizeBytes }), RangeError);
      for (const expiresInSeconds of [0, 601])
        assert.throws(() => store.presignPart({ ...part, expiresInSeconds }), RangeError);
      for (const key of ["", "../a", "A"]) {
        assert.throws(() => store.presignPart({ ...part, key }), TypeError);
        const multipart = { key, storeUploadId: "an-id" };
        await assert.rejects(async () => create(scene, key), TypeError);
        await assert.rejects(async () => store.listParts(multipart), TypeError);
        await assert.rejects(
          async () => store.completeMultipartUpload({ ...multipart, parts: [] }),
          TypeError,
        );
        await assert.rejects(async () => store.abortMultipartUpload(multipart), TypeError);
      }
      for (const limit of [0, 1001])
        await assert.rejects(async () => store.listMultipartUploads({ prefix: "a", limit }), RangeError);
    },
  },
];

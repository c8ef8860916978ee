import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { StoreRefusedError } from "./object-store.ts";
import {
  bytesUnder,
  getOf,
  type ObjectStoreCase,
  putBytes,
  putOf,
  readAll,
  sha256Hex,
  text,
} from "./object-store-case.contract.ts";

/** The cases over methods that talk to the store, and over what presigning answers without sending it. */
export const callCases: readonly ObjectStoreCase[] = [
  {
    name: "knows nothing of a key that holds no object",
    async run({ store, newKey }) {
      const key = newKey();
      assert.equal(await store.head(key), undefined);
      assert.equal(await store.get(key), undefined);
      assert.equal(await store.copy({ from: key, to: newKey() }), "missing");
      await store.delete(key);
      assert.deepEqual(await store.list({ prefix: `${key}/`, limit: 10 }), { items: [] });
    },
  },
  {
    name: "gives back what was put, byte for byte, from nothing at all to megabytes",
    async run({ store, newKey }) {
      for (const sizeBytes of [0, 1, 65_536, 3_000_001]) {
        const key = newKey();
        const body = randomBytes(sizeBytes);
        assert.equal(await putBytes(store, key, body), "stored");
        const object = await store.get(key);
        assert.equal(object?.sizeBytes, sizeBytes);
        assert.equal(sha256Hex(await readAll(object.body)), sha256Hex(body));
      }
    },
  },
  {
    name: "heads an object with its size, type and date, and a digest only if it is the right one",
    async run({ store, newKey, nowMs }) {
      const key = newKey();
      const body = randomBytes(1234);
      const sha256 = sha256Hex(body);
      await store.put({ key, body, contentType: "image/png", sha256 });
      const head = await store.head(key);
      assert.equal(head?.key, key);
      assert.equal(head.sizeBytes, 1234);
      assert.equal(head.contentType, "image/png");
      assert.ok(Math.abs(head.lastModifiedMs - nowMs()) < 60_000, "dated now");
      if (store.capabilities.enforcesChecksum || head.sha256 !== undefined) assert.equal(head.sha256, sha256);
    },
  },
  {
    name: "puts a body that is streamed, chunks that are filled again among them, and reads it back",
    async run({ store, newKey }) {
      const body = randomBytes(3_000_001);
      async function* open() {
        const chunk = Buffer.alloc(70_000);
        for (let at = 0; at < body.length; at += chunk.length) {
          const { length } = body.subarray(at, at + chunk.length);
          chunk.set(body.subarray(at, at + length));
          yield chunk.subarray(0, length);
          chunk.fill(0);
        }
      }
      const key = newKey();
      const streamed = { byteLength: body.length, open };
      const put = { key, body: streamed, contentType: "video/mp4", sha256: sha256Hex(body) };
      assert.equal(await store.put(put), "stored");
      assert.equal(sha256Hex((await bytesUnder(store, key)) ?? text("")), sha256Hex(body));
      await assert.rejects(
        store.put({ ...put, key: newKey(), sha256: sha256Hex(text("other")) }),
        StoreRefusedError,
      );
    },
  },
  {
    name: "rejects with what a streamed body throws, and keeps nothing of it",
    async run({ store, newKey }) {
      const reason = new Error("the disk is gone");
      async function* open() {
        yield text("half");
        throw reason;
      }
      const key = newKey();
      const body = { byteLength: 8, open };
      const put = { key, body, contentType: "video/mp4", sha256: sha256Hex(text("halfhalf")) };
      await assert.rejects(store.put(put), (error) => error === reason);
      assert.equal(await store.head(key), undefined);
    },
  },
  {
    name: "replaces what is under a key",
    async run({ store, newKey }) {
      const key = newKey();
      await putBytes(store, key, text("one"));
      assert.equal(await putBytes(store, key, text("second")), "stored");
      assert.deepEqual(await bytesUnder(store, key), text("second"));
    },
  },
  {
    name: "refuses to put a body under another body's digest, and keeps nothing of it",
    async run({ store, newKey }) {
      const key = newKey();
      const put = { key, body: text("this"), contentType: "text/plain", sha256: sha256Hex(text("that")) };
      await assert.rejects(store.put(put), StoreRefusedError);
      assert.equal(await store.head(key), undefined);
    },
  },
  {
    name: "puts nothing over an object where it has to be absent",
    needs: "enforcesIfNoneMatch",
    async run({ store, newKey }) {
      const key = newKey();
      assert.equal(await putBytes(store, key, text("first"), true), "stored");
      assert.equal(await putBytes(store, key, text("other"), true), "exists");
      assert.equal(await putBytes(store, key, text("first"), true), "exists");
      assert.deepEqual(await bytesUnder(store, key), text("first"));
    },
  },
  {
    name: "lets one of eight racing puts win where the object has to be absent",
    needs: "enforcesIfNoneMatch",
    async run({ store, newKey }) {
      const key = newKey();
      const bodies = Array.from({ length: 8 }, (_, index) => text(`racer ${index}`));
      const outcomes = await Promise.all(bodies.map((body) => putBytes(store, key, body, true)));
      assert.deepEqual(outcomes.toSorted(), [...Array<string>(7).fill("exists"), "stored"]);
      assert.deepEqual(await bytesUnder(store, key), bodies[outcomes.indexOf("stored")]);
    },
  },
  {
    name: "shows a reader either the whole old object or the whole new one while it is replaced",
    async run({ store, newKey }) {
      const key = newKey();
      const versions = [randomBytes(200_000), randomBytes(300_000)] as const;
      const known = new Set(versions.map(sha256Hex));
      await putBytes(store, key, versions[0]);
      for (let round = 0; round < 5; round += 1) {
        const [, ...read] = await Promise.all([
          putBytes(store, key, versions[round % 2 === 0 ? 1 : 0]),
          bytesUnder(store, key),
          bytesUnder(store, key),
        ]);
        for (const bytes of read) assert.ok(bytes && known.has(sha256Hex(bytes)), "whole");
      }
    },
  },
  {
    name: "goes on after a reader who stops half-way",
    async run({ store, newKey }) {
      const key = newKey();
      await putBytes(store, key, randomBytes(2_000_000));
      for (let round = 0; round < 3; round += 1) {
        for await (const chunk of (await store.get(key))?.body ?? []) {
          assert.ok(chunk.byteLength > 0);
          break;
        }
      }
      assert.equal((await store.head(key))?.sizeBytes, 2_000_000);
    },
  },
  {
    name: "stops a get whose signal is aborted, before it or within it, with the signal's reason",
    async run({ store, newKey }) {
      const key = newKey();
      await putBytes(store, key, randomBytes(4_000_000));
      const reason = new Error("no longer wanted");
      await assert.rejects(store.get(key, { signal: AbortSignal.abort(reason) }), reason);
      const controller = new AbortController();
      const object = await store.get(key, { signal: controller.signal });
      assert.ok(object);
      await assert.rejects(async () => {
        for await (const chunk of object.body) if (chunk.byteLength > 0) controller.abort(reason);
      }, reason);
    },
  },
  {
    name: "copies bytes and type, leaves the source, replaces what is under the target",
    async run({ store, newKey }) {
      const [from, to] = [newKey(), newKey()];
      const body = randomBytes(70_000);
      await store.put({ key: from, body, contentType: "image/gif", sha256: sha256Hex(body) });
      await putBytes(store, to, text("to be replaced"));
      assert.equal(await store.copy({ from, to }), "copied");
      for (const key of [from, to]) {
        assert.equal(sha256Hex((await bytesUnder(store, key)) ?? text("")), sha256Hex(body));
        assert.equal((await store.head(key))?.contentType, "image/gif");
      }
      await store.delete(from);
      assert.equal((await store.head(to))?.sizeBytes, 70_000, "a copy outlives its source");
    },
  },
  {
    name: "deletes once and again",
    async run({ store, newKey }) {
      const key = newKey();
      await putBytes(store, key, text("gone soon"));
      await store.delete(key);
      assert.equal(await store.head(key), undefined);
      await store.delete(key);
    },
  },
  {
    name: "lists the keys under a prefix in order of their bytes, whatever the page's size",
    async run({ store, newKey }) {
      const prefix = `${newKey()}/`;
      const keys = ["b", "a/z", "a-b", "a", "0", "a/0/1", "c9", "c10", "z"].map((name) => prefix + name);
      await Promise.all(keys.map((key) => putBytes(store, key, text(key))));
      await putBytes(store, `${prefix.slice(0, -1)}-beside`, text("not under the prefix"));
      const sorted = keys.toSorted();
      for (const limit of [1, 2, 3, 8, 9, 10, 1000]) {
        const listed: string[] = [];
        let page = await store.list({ prefix, limit });
        for (;;) {
          assert.ok(page.items.length <= limit, `a page of at most ${limit}`);
          listed.push(...page.items.map((item) => item.key));
          if (page.next === undefined) break;
          page = await store.list({ prefix, limit, after: page.next });
        }
        assert.deepEqual(listed, sorted, `by pages of ${limit}`);
      }
      const [item] = (await store.list({ prefix, limit: 1 })).items;
      assert.equal(item?.sizeBytes, text(sorted[0] ?? "").byteLength);
      assert.ok(Math.abs(item.lastModifiedMs - Date.now()) < 86_400_000, "dated");
      const rest = await store.list({ prefix, limit: 1000, after: `${prefix}a/` });
      assert.deepEqual(
        rest.items.map((each) => each.key),
        sorted.filter((key) => key > `${prefix}a/`),
        "after a key that does not exist",
      );
    },
  },
  {
    name: "takes only keys that the server makes",
    async run(scene) {
      const { store } = scene;
      for (const key of ["", "/a", "a/", "a//b", "../a", "a/./b", "A", "a b", "a%2fb", "a?b", "ä", "a\n"]) {
        await assert.rejects(async () => store.head(key), TypeError, key);
        await assert.rejects(async () => putBytes(store, key, text("x")), TypeError, key);
        await assert.rejects(async () => store.copy({ from: "a", to: key }), TypeError, key);
        await assert.rejects(async () => store.copy({ from: key, to: "a" }), TypeError, key);
        await assert.rejects(async () => store.delete(key), TypeError, key);
        assert.throws(() => store.presignGet(getOf(scene, key)), TypeError, key);
        assert.throws(() => store.presignPut(putOf(scene, text("x"), { key })), TypeError, key);
      }
    },
  },
  {
    name: "takes only limits and lives within their ranges",
    async run(scene) {
      const { store, newKey } = scene;
      for (const limit of [0, 1001, 1.5, Number.NaN])
        await assert.rejects(async () => store.list({ prefix: "a", limit }), RangeError);
      for (const expiresInSeconds of [0, 601, 1.5, Number.NaN]) {
        assert.throws(() => store.presignPut(putOf(scene, text("x"), { expiresInSeconds })), RangeError);
        assert.throws(() => store.presignGet(getOf(scene, newKey(), { expiresInSeconds })), RangeError);
      }
      for (const sizeBytes of [-1, 1.5, Number.NaN])
        assert.throws(() => store.presignPut(putOf(scene, text("x"), { sizeBytes })), RangeError);
    },
  },
  {
    name: "presigns with the headers that a browser sets, for no longer than asked, the same twice",
    async run(scene) {
      const { store, newKey } = scene;
      const signedAtMs = Math.floor(scene.nowMs() / 1000) * 1000 + 999;
      const put = putOf(scene, text("body"), { signedAtMs, expiresInSeconds: 60 });
      const get = getOf(scene, newKey(), { signedAtMs, expiresInSeconds: 60 });
      const [putRequest, getRequest] = [store.presignPut(put), store.presignGet(get)];
      assert.equal(putRequest.method, "PUT");
      assert.equal(getRequest.method, "GET");
      assert.equal(putRequest.headers["content-type"], "image/png");
      assert.equal(putRequest.headers["if-none-match"], "*");
      assert.equal(
        putRequest.headers["x-amz-checksum-sha256"],
        Buffer.from(put.sha256, "hex").toString("base64"),
      );
      for (const name of Object.keys(putRequest.headers))
        assert.doesNotMatch(name, /^(host|content-length)$|[A-Z]/);
      assert.deepEqual(getRequest.headers, {});
      for (const { expiresAtMs } of [putRequest, getRequest]) {
        assert.ok(expiresAtMs <= signedAtMs + 60_000, "no longer than asked");
        assert.ok(expiresAtMs > signedAtMs + 59_000, "as long as asked, to the second");
      }
      assert.deepEqual(store.presignPut(put), putRequest);
      assert.deepEqual(store.presignGet(get), getRequest);
    },
  },
];

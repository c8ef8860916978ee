import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { truncateSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { ObjectEvent } from "../events/object-event.ts";
import { createDiskStore, type DiskStore } from "../storage/disk-store.ts";
import { beginUpload, putContent, putPart, testMasterKey } from "../testing/stored-content.ts";
import { filesBelow, temporaryDirectory } from "../testing/temporary-directory.ts";
import { fileError, watchFileOperations } from "../testing/watched-file-operations.ts";
import { createLifecycle, type LifecyclePlace } from "./apply-lifecycle.ts";
import { checkLifecycle, type LifecycleRule, lifeEndsAtMs } from "./lifecycle-rule.ts";

const dayMs = 24 * 60 * 60 * 1000;
const noon = Date.parse("2026-03-10T12:00:00Z");

async function openScene(t: TestContext, before?: Parameters<typeof watchFileOperations>[0]) {
  const directory = await temporaryDirectory(t);
  const clock = { nowMs: noon };
  const now = (): Date => new Date(clock.nowMs);
  const failures: unknown[] = [];
  const events: ObjectEvent[] = [];
  const store = createDiskStore({
    directory,
    masterKey: createSecretKey(testMasterKey),
    operations: watchFileOperations(before).operations,
    now,
    minPartBytes: 1,
    onCleanupFailure: (error) => assert.fail(String(error)),
  });
  await store.prepare();
  const place: LifecyclePlace = {
    store,
    now,
    announce: (event) => events.push(event),
    onFailure: (error) => failures.push(error),
  };
  const put = (key: string, text = "content") => putContent(store, key, Buffer.from(text));
  const keys = async (): Promise<string[]> =>
    (await store.list({ prefix: "", after: "", limit: 1000 })).objects.map(({ key }) => key);
  return { directory, clock, store, place, events, failures, put, keys };
}

const rulesOf = (...rules: LifecycleRule[]) => checkLifecycle(rules);

test("objects end at the midnight after their days, and not a moment before; other prefixes stay", async (t) => {
  const { clock, place, put, keys, events } = await openScene(t);
  await put("old/a");
  await put("kept/a");
  clock.nowMs = noon + dayMs;
  await put("old/b");
  const pass = createLifecycle(rulesOf({ prefix: "old/", expirationDays: 2 }), place);
  clock.nowMs = Date.parse("2026-03-12T23:59:59.999Z");
  assert.deepEqual(await pass(), { expired: 0, aborted: 0, isMore: false });
  clock.nowMs = Date.parse("2026-03-13T00:00:00Z");
  assert.deepEqual(await pass(), { expired: 1, aborted: 0, isMore: false });
  assert.deepEqual(await keys(), ["kept/a", "old/b"]);
  assert.deepEqual(events, [{ name: "LifecycleExpiration:Delete", key: "old/a" }]);
});

test("what was replaced since it was found to be old stays, even where it is the same content", async (t) => {
  const { clock, place, put, keys, store, events, failures } = await openScene(t);
  for (const key of ["a", "b", "c"]) await put(key);
  clock.nowMs = noon + 10 * dayMs;
  const meanwhile: DiskStore["list"] = async (page) => {
    const found = await store.list(page);
    const { objects } = found;
    // As a PUT whose ETag is the content's MD5 would.
    const incoming = await store.receive("a", { sizeBytes: 7, withMd5: false, onlyIfAbsent: false });
    await incoming.push(Buffer.from("content"));
    await incoming.finish();
    await incoming.publish({ contentType: "", etag: objects[0]?.etag ?? "" });
    await store.remove("b");
    return found;
  };
  const pass = createLifecycle(rulesOf({ expirationDays: 1 }), {
    ...place,
    store: { ...store, list: meanwhile },
  });
  assert.deepEqual(await pass(), { expired: 1, aborted: 0, isMore: false });
  assert.deepEqual(await keys(), ["a"]);
  assert.deepEqual(
    events.map(({ key }) => key),
    ["c"],
  );
  assert.deepEqual(failures, []);
});

test("a pass looks at so many keys, and the next one goes on where it ended", async (t) => {
  const { clock, place, put, keys } = await openScene(t);
  const all = Array.from({ length: 25 }, (_, index) => `k${String(index).padStart(2, "0")}`);
  for (const key of all) {
    // Every third one is young.
    clock.nowMs = noon + (Number(key.slice(1)) % 3 === 0 ? 20 * dayMs : 0);
    await put(key);
  }
  clock.nowMs = noon + 20 * dayMs;
  const pass = createLifecycle(rulesOf({ expirationDays: 5 }), place, 10);
  assert.deepEqual(
    [await pass(), await pass(), await pass()].map(({ expired, isMore }) => [expired, isMore]),
    [
      [6, true],
      [7, true],
      [3, false],
    ],
  );
  const young = all.filter((_, index) => index % 3 === 0);
  assert.deepEqual(await keys(), young);
  assert.deepEqual(await pass(), { expired: 0, aborted: 0, isMore: false });
});

test("unfinished uploads end after their days with their parts, younger ones and other prefixes stay", async (t) => {
  const { clock, directory, place, store, events } = await openScene(t);
  const old = await beginUpload(store, "in/a");
  await putPart(store, old, 1, Buffer.from("part"));
  const kept = await beginUpload(store, "other/a");
  clock.nowMs = noon + 3 * dayMs;
  const young = await beginUpload(store, "in/b");
  const pass = createLifecycle(rulesOf({ prefix: "in/", abortIncompleteMultipartUploadDays: 3 }), place);
  assert.deepEqual(await pass(), { expired: 0, aborted: 0, isMore: false });
  clock.nowMs = Date.parse("2026-03-14T00:00:00Z");
  assert.deepEqual(await pass(), { expired: 0, aborted: 1, isMore: false });
  const left = (await store.uploads.list("")).map(({ uploadId }) => uploadId);
  assert.deepEqual(left.sort(), [kept.uploadId, young.uploadId].sort());
  assert.deepEqual(
    filesBelow(join(directory, "uploads")).filter((path) => path.includes(old.uploadId)),
    [],
  );
  assert.deepEqual(events, []);
});

test("what can't be removed holds up nothing else, and its turn comes again", async (t) => {
  let isBroken = true;
  const { clock, place, put, keys, failures, store } = await openScene(t, (call, path) => {
    if (isBroken && call === "remove" && path.includes("stubborn") && path.includes("objects"))
      throw fileError("EIO");
  });
  for (const key of ["a", "stubborn", "z"]) await put(key);
  clock.nowMs = noon + 10 * dayMs;
  const pass = createLifecycle(rulesOf({ expirationDays: 1 }), { ...place, store });
  assert.equal((await pass()).expired, 2);
  assert.equal(failures.length, 1);
  assert.deepEqual(await keys(), ["stubborn"]);
  isBroken = false;
  assert.equal((await pass()).expired, 1);
});

test("a damaged object is left to be looked at by a person", async (t) => {
  const { clock, directory, place, put, keys, failures } = await openScene(t);
  await put("a");
  await put("b");
  const [path] = filesBelow(join(directory, "objects")).filter((each) => /a[^/]*$/.test(each));
  truncateSync(path ?? "", 100);
  clock.nowMs = noon + 10 * dayMs;
  const pass = createLifecycle(rulesOf({ expirationDays: 1 }), place);
  assert.equal((await pass()).expired, 1);
  assert.deepEqual(await keys(), ["a"]);
  assert.deepEqual(failures, []);
});

test("rules that can't be meant are named at the start", () => {
  for (const [rule, why] of [
    [{ expirationDays: 0 }, /whole numbers/],
    [{ expirationDays: 1.5 }, /whole numbers/],
    [{ abortIncompleteMultipartUploadDays: -1 }, /whole numbers/],
    [{ expirationDays: Number.NaN }, /whole numbers/],
    [{ prefix: "a" }, /nothing to be done/],
  ] as const)
    assert.throws(() => checkLifecycle([rule]), why);
  assert.throws(
    () =>
      checkLifecycle([
        { id: "a", expirationDays: 1 },
        { id: "a", expirationDays: 2 },
      ]),
    /one id/,
  );
});

test("a life is its days and less than one more, and ends at midnight", () => {
  fc.assert(
    fc.property(fc.nat(4e12), fc.integer({ min: 1, max: 3650 }), (createdAtMs, days) => {
      const endMs = lifeEndsAtMs(createdAtMs, days);
      assert.equal(endMs % dayMs, 0);
      assert.ok(endMs - createdAtMs >= days * dayMs && endMs - createdAtMs < (days + 1) * dayMs);
    }),
  );
});

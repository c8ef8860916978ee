import assert from "node:assert/strict";
import type { UploadRecord } from "../upload.ts";
import {
  type MetadataStoreCase,
  minuteMs,
  readyResult,
  rejectedResult,
  type Scene,
  sha256Of,
  uploadLifetimeMs,
  urlLifetimeMs,
} from "./metadata-store-case.contract.ts";

const partSizeBytes = 400;
const lives = { uploadLifetimeMs, urlLifetimeMs };
const part = (partNumber: number, text = `part ${partNumber}`) => ({ partNumber, sha256: sha256Of(text) });

/** A pending multipart; of three parts, as items have 1000 bytes. */
async function createInParts(scene: Scene, ownerId: string, sha256?: string): Promise<UploadRecord> {
  const { sha256: _, ...item } = scene.newItem({ multipart: { partSizeBytes } });
  const [outcome] = await scene.createAll(ownerId, [
    { ...item, ...(sha256 === undefined ? {} : { sha256 }) },
  ]);
  assert.equal(outcome?.outcome, "created");
  return outcome.upload;
}

async function createBegun(scene: Scene, ownerId: string, storeUploadId: string): Promise<UploadRecord> {
  const { id } = await createInParts(scene, ownerId);
  const result = await scene.store.beginMultipart({ uploadId: id, actor: "system", storeUploadId });
  assert.equal(result.outcome, "begun");
  return result.upload;
}

const mint = (scene: Scene, uploadId: string, parts = [part(1)]) =>
  scene.store.mintParts({ uploadId, actor: "system", ...lives, parts });

export const multipartCases: readonly MetadataStoreCase[] = [
  {
    name: "creates uploads in parts, with and without a digest, and keeps how they are cut",
    async run(scene) {
      const owner = await scene.newOwner();
      for (const sha256 of [undefined, sha256Of("film")]) {
        const upload = await createInParts(scene, owner.id, sha256);
        assert.deepEqual(upload.multipart, { partSizeBytes });
        assert.equal(upload.sha256, sha256);
        assert.deepEqual(await scene.upload(upload.id), upload);
      }
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 2000, open: 2 });
    },
  },
  {
    name: "knows an upload by its ref with or without a digest, takes one over, and refuses another",
    async run(scene) {
      const owner = await scene.newOwner();
      const { sha256: _, ...item } = scene.newItem({ ref: "film", multipart: { partSizeBytes } });
      const again = async (sha256?: string) => {
        const { sha256: __, ...next } = scene.newItem({ ref: "film", multipart: { partSizeBytes } });
        const [outcome] = await scene.createAll(owner.id, [
          { ...next, ...(sha256 === undefined ? {} : { sha256 }) },
        ]);
        assert.ok(outcome && "upload" in outcome);
        return [outcome.outcome, outcome.upload.id, outcome.upload.sha256];
      };
      await scene.createAll(owner.id, [item]);
      assert.deepEqual(await scene.unchanged(() => again()), ["existing", item.id, undefined]);
      const sha256 = sha256Of("film");
      assert.deepEqual(
        await scene.audited({ actor: owner.id, action: "upload.reminted", targetId: item.id }, () =>
          again(sha256),
        ),
        ["existing", item.id, sha256],
      );
      assert.deepEqual(await scene.unchanged(() => again()), ["existing", item.id, sha256]);
      assert.deepEqual(await scene.unchanged(() => again(sha256)), ["existing", item.id, sha256]);
      const other = await scene.unchanged(() => again(sha256Of("another film")));
      assert.deepEqual(other, ["ref-reused", item.id, sha256]);
    },
  },
  {
    name: "turns a pending PUT into a multipart once: another key, and the old one doomed after its URLs",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const made = await scene.create(owner.id);
      clock.advance(minuteMs);
      const landingKey = scene.newKey("files/");
      const command = { uploadId: made.id, actor: { principalId: owner.id }, uploadLifetimeMs, landingKey };
      const turn = () => store.turnMultipart({ ...command, partSizeBytes });
      const result = await scene.audited(
        { actor: owner.id, action: "upload.in-parts", targetId: made.id },
        turn,
      );
      const upload = {
        ...made,
        landingKey,
        multipart: { partSizeBytes },
        expiresAtMs: clock.nowMs() + uploadLifetimeMs,
      };
      assert.deepEqual(result, { outcome: "turned", upload });
      assert.deepEqual(await scene.upload(made.id), upload);
      assert.equal((await store.listUploadEvents(made.id)).at(-1)?.type, "in-parts");
      assert.deepEqual(await scene.unchanged(turn), { outcome: "already", upload });
      clock.advance(made.urlsUntilMs + minuteMs - clock.nowMs() - 1);
      assert.deepEqual(await store.listDoomedObjects(10), []);
      clock.advance(1);
      assert.deepEqual(await store.listDoomedObjects(10), [
        { key: made.landingKey, notBeforeMs: made.urlsUntilMs + minuteMs },
      ]);
    },
  },
  {
    name: "remints a multipart on the key that it has, whatever new key is offered",
    async run(scene) {
      const owner = await scene.newOwner();
      const made = await createInParts(scene, owner.id);
      const landingKey = scene.newKey("uploads/");
      const result = await scene.store.remintUpload({
        uploadId: made.id,
        actor: "system",
        ...lives,
        landingKey,
      });
      assert.equal(result.outcome === "minted" && result.upload.landingKey, made.landingKey);
      scene.clock.advance(2 * urlLifetimeMs);
      assert.deepEqual(await scene.store.listDoomedObjects(10), []);
    },
  },
  {
    name: "begins a multipart for the first of several, and tells the others whose id counts",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const made = await createInParts(scene, owner.id);
      const begin = (storeUploadId: string) =>
        store.beginMultipart({ uploadId: made.id, actor: { principalId: owner.id }, storeUploadId });
      const result = await scene.audited(
        { actor: owner.id, action: "upload.begun", targetId: made.id },
        async () => (await Promise.all(["one", "two", "three"].map(begin))).map(({ outcome }) => outcome),
      );
      assert.deepEqual(result.sort(), ["already", "already", "begun"]);
      const upload = await scene.upload(made.id);
      assert.ok(["one", "two", "three"].includes(upload.multipart?.storeUploadId ?? ""));
      assert.equal((await store.listUploadEvents(made.id)).at(-1)?.type, "begun");
      assert.deepEqual(await scene.unchanged(() => begin("four")), { outcome: "already", upload });
      const put = await scene.create(owner.id);
      assert.deepEqual(
        await scene.unchanged(() =>
          store.beginMultipart({ uploadId: put.id, actor: "system", storeUploadId: "five" }),
        ),
        { outcome: "not-multipart", upload: put },
      );
    },
  },
  {
    name: "forgets a store's id only while it is the one that counts, and begins anew",
    async run(scene) {
      const { store } = scene;
      const upload = await createBegun(scene, (await scene.newOwner()).id, "one");
      const command = { uploadId: upload.id, storeUploadId: "one" };
      assert.equal(
        await scene.unchanged(() => store.forgetMultipart({ ...command, storeUploadId: "two" })),
        false,
      );
      const forgotten = await scene.audited(
        { actor: "system", action: "upload.restarted", targetId: upload.id },
        () => store.forgetMultipart(command),
      );
      assert.equal(forgotten, true);
      assert.deepEqual((await scene.upload(upload.id)).multipart, { partSizeBytes });
      assert.equal(await scene.unchanged(() => store.forgetMultipart(command)), false);
      assert.equal((await scene.unchanged(() => mint(scene, upload.id))).outcome, "not-begun");
      const begun = await store.beginMultipart({
        uploadId: upload.id,
        actor: "system",
        storeUploadId: "two",
      });
      assert.equal(begun.outcome, "begun");
    },
  },
  {
    name: "mints parts: the last declaration of each counts, and both lives begin anew",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const begun = await createBegun(scene, owner.id, "one");
      assert.deepEqual(await store.listDeclaredParts(begun.id), []);
      clock.advance(uploadLifetimeMs - 1);
      const command = { uploadId: begun.id, actor: { principalId: owner.id }, ...lives };
      const result = await scene.audited(
        { actor: owner.id, action: "upload.parts-minted", targetId: begun.id },
        () => store.mintParts({ ...command, parts: [part(3), part(1)] }),
      );
      const upload = {
        ...begun,
        expiresAtMs: clock.nowMs() + uploadLifetimeMs,
        urlsUntilMs: clock.nowMs() + urlLifetimeMs,
      };
      assert.deepEqual(result, { outcome: "minted", upload });
      assert.deepEqual(await store.listDeclaredParts(begun.id), [part(1), part(3)]);
      await store.mintParts({ ...command, parts: [part(3, "other bytes"), part(2)] });
      assert.deepEqual(await store.listDeclaredParts(begun.id), [part(1), part(2), part(3, "other bytes")]);
      const many = Array.from({ length: 100 }, (_, index) => part(index + 1));
      await store.mintParts({ ...command, parts: many });
      assert.deepEqual(await store.listDeclaredParts(begun.id), many);
      assert.equal((await store.listUploadEvents(begun.id)).at(-1)?.type, "begun", "no timeline of its own");
    },
  },
  {
    name: "mints no parts of what was not begun, and declares none",
    async run(scene) {
      const owner = await scene.newOwner();
      for (const { id } of [await scene.create(owner.id), await createInParts(scene, owner.id)]) {
        const upload = await scene.upload(id);
        assert.deepEqual(await scene.unchanged(() => mint(scene, id)), { outcome: "not-begun", upload });
        assert.deepEqual(await scene.store.listDeclaredParts(id), []);
      }
    },
  },
  {
    name: "completes with a digest that was not declared before, and not with another",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const sha256 = sha256Of("film");
      const complete = (uploadId: string, digest?: string) =>
        store.completeUpload({
          uploadId,
          actor: "system",
          ...(digest === undefined ? {} : { sha256: digest }),
        });
      const undeclared = await createInParts(scene, owner.id);
      const completed = await complete(undeclared.id, sha256);
      assert.deepEqual(completed, {
        outcome: "completed",
        upload: { ...undeclared, state: "uploaded", sha256 },
      });
      const declared = await createInParts(scene, owner.id, sha256);
      assert.deepEqual(await scene.unchanged(() => complete(declared.id, sha256Of("other"))), {
        outcome: "sha256-conflict",
        upload: declared,
      });
      assert.equal((await complete(declared.id, sha256)).outcome, "completed");
      const silent = await createInParts(scene, owner.id);
      const upload = { ...silent, state: "uploaded" };
      assert.deepEqual(await complete(silent.id), { outcome: "completed", upload });
    },
  },
  {
    name: "does not complete what was seen under a key that it no longer has",
    async run(scene) {
      const { store } = scene;
      const made = await scene.create((await scene.newOwner()).id);
      const landingKey = scene.newKey("uploads/");
      await store.remintUpload({ uploadId: made.id, actor: "system", ...lives, landingKey });
      const upload = await scene.upload(made.id);
      const complete = (key: string) =>
        store.completeUpload({ uploadId: made.id, actor: "system", landingKey: key });
      assert.deepEqual(await scene.unchanged(() => complete(made.landingKey)), { outcome: "moved", upload });
      assert.equal((await complete(landingKey)).outcome, "completed");
    },
  },
  {
    name: "gives a ready upload the digest that was computed, and forgets its parts, as after any end",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const ends: ((upload: UploadRecord) => Promise<unknown>)[] = [
        ({ id }) => store.abortUpload({ uploadId: id, actor: "system", detail: "" }),
        async ({ id }) => {
          await scene.complete(id);
          await scene.finish(await scene.claim(), rejectedResult);
        },
        async ({ id }) => {
          await scene.complete(id);
          const claimed = await scene.claim();
          assert.deepEqual(await store.listDeclaredParts(id), [part(1)], "known while it is verified");
          await scene.finish(claimed, readyResult(claimed, { sha256: sha256Of("computed") }));
        },
      ];
      for (const [index, end] of ends.entries()) {
        const upload = await createBegun(scene, owner.id, `store ${index}`);
        await mint(scene, upload.id);
        await end(upload);
        assert.deepEqual(await store.listDeclaredParts(upload.id), []);
        const { state, sha256 } = await scene.upload(upload.id);
        assert.equal(sha256, state === "ready" ? sha256Of("computed") : undefined);
      }
    },
  },
  {
    name: "refuses to turn, begin, forget or mint what is past pending or not there",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const begun = await createBegun(scene, owner.id, "one");
      await scene.complete(begun.id);
      const put = await scene.createAborted(owner.id);
      for (const uploadId of [begun.id, put.id, scene.newId()]) {
        const upload = await store.findUpload(uploadId);
        const expected = upload ? { outcome: "not-pending", upload } : { outcome: "missing" };
        const command = { uploadId, actor: "system" } as const;
        const landingKey = scene.newKey("files/");
        await scene.unchanged(async () => {
          assert.deepEqual(
            await store.turnMultipart({ ...command, uploadLifetimeMs, landingKey, partSizeBytes }),
            expected,
          );
          assert.deepEqual(await store.beginMultipart({ ...command, storeUploadId: "two" }), expected);
          assert.equal(await store.forgetMultipart({ uploadId, storeUploadId: "one" }), false);
          assert.deepEqual(await mint(scene, uploadId), expected);
        });
        assert.deepEqual(await store.listDeclaredParts(uploadId), []);
      }
    },
  },
  {
    name: "knows a store's id for as long as its upload is pending",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const [first, second] = [
        await createBegun(scene, owner.id, "one"),
        await createBegun(scene, owner.id, "two"),
      ];
      const known = async () => [...(await store.findKnownMultiparts(["two", "none", "one"]))].sort();
      assert.deepEqual(await known(), ["one", "two"]);
      await store.abortUpload({ uploadId: first.id, actor: "system", detail: "" });
      assert.deepEqual(await known(), ["two"]);
      await scene.complete(second.id);
      assert.deepEqual(await known(), []);
      assert.deepEqual([...(await store.findKnownMultiparts([]))], []);
    },
  },
];

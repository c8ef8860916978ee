import assert from "node:assert/strict";
import {
  idsOf,
  type MetadataStoreCase,
  minuteMs,
  readyResult,
  rejectedResult,
  type Scene,
  sha256Of,
  uploadLifetimeMs,
  urlLifetimeMs,
} from "./metadata-store-case.contract.ts";
import type { CreateUploadOutcome } from "./upload-commands.ts";

const kindsOf = (outcomes: readonly CreateUploadOutcome[]): string[] =>
  outcomes.map(({ outcome }) => outcome);

/** Text that careless storage changes, cuts or trips over. */
export const naughtyTexts: readonly string[] = [
  " leading and trailing ",
  "'; DROP TABLE uploads; --",
  "\"quoted\" 'twice' `thrice` \\ \\' %_? :name @p $1 #{x} {{y}}",
  "line\nbreak\r\nand\ttab\u0001\u001f\u007f",
  "Å Å e\u0301 é ﬁ ı İ ß",
  "👩‍👩‍👧‍👦🏳️‍🌈\u{10ffff}\uffff\ufeff\u200b\u2028",
  "‮gpj.exe",
  "../../etc/passwd",
  "NULL",
  "0",
  "1e3",
  "true",
  "{}",
  "日本語".repeat(455),
  "x".repeat(4096),
  "😀".repeat(1024),
];

async function createWithRef(scene: Scene, ownerId: string, ref: string, text = "one") {
  return scene.createOutcome(ownerId, { ref, sizeBytes: 1000, sha256: sha256Of(text) });
}

export const createCases: readonly MetadataStoreCase[] = [
  {
    name: "audits to whom a new upload is shown, and where it goes",
    async run(scene) {
      const owner = await scene.newOwner();
      await scene.store.createAlbum({ id: "trip", ownerId: owner.id, name: "Trip" });
      const item = scene.newItem({ audience: { kind: "public" }, albumId: "trip" });
      const detail = '{"visibility":"public","albumId":"trip"}';
      await scene.audited({ actor: owner.id, action: "upload.created", targetId: item.id, detail }, () =>
        scene.createAll(owner.id, [item]),
      );
    },
  },
  {
    name: "creates an upload with all that was declared, reserved, dated, told and audited once",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const item = scene.newItem({
        ref: "r",
        name: "a b.pdf",
        sizeBytes: 5 * 1024 ** 4,
        contentType: "application/pdf",
        profile: "scans",
        metadata: { step: "123", constructor: "x", toString: "" },
      });
      const [outcome] = await scene.audited(
        { actor: owner.id, action: "upload.created", targetId: item.id },
        () => scene.createAll(owner.id, [item]),
      );
      const nowMs = clock.nowMs();
      const upload = {
        ...item,
        ownerId: owner.id,
        state: "pending",
        attempt: 0,
        failedAttempts: 0,
        lostClaims: 0,
        createdAtMs: nowMs,
        expiresAtMs: nowMs + uploadLifetimeMs,
        urlsUntilMs: nowMs + urlLifetimeMs,
      };
      assert.deepEqual(outcome, { outcome: "created", upload });
      assert.deepEqual(await store.findUpload(item.id), upload);
      assert.deepEqual(await store.listUploadEvents(item.id), [{ atMs: nowMs, type: "created", detail: "" }]);
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 5 * 1024 ** 4, open: 1 });
      assert.equal(await store.findFile(item.fileId), undefined, "there is no file before it is ready");
    },
  },
  {
    name: "creates a batch in order, an upload without ref among them",
    async run(scene) {
      const owner = await scene.newOwner();
      const items = Array.from({ length: 100 }, (_, index) =>
        scene.newItem({ sizeBytes: index + 1, ...(index % 2 ? { ref: `r${index}` } : {}) }),
      );
      const outcomes = await scene.createAll(owner.id, items);
      assert.deepEqual(
        outcomes.map((each) => each.outcome === "created" && each.upload.id),
        items.map(({ id }) => id),
      );
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 5050, open: 100 });
      assert.equal((await scene.auditEvents()).length, 100);
    },
  },
  {
    name: "keeps naughty texts as they came in names, refs, metadata and identities",
    async run(scene) {
      const { store } = scene;
      for (const text of naughtyTexts) {
        const short = [...text].slice(0, 128).join("");
        const owner = await scene.newOwner({ subject: text, name: text, organisation: text });
        assert.deepEqual([owner.subject, owner.name, owner.organisation], [text, text, text]);
        const made = await scene.create(owner.id, { name: text, ref: short, metadata: { k: short, v: "" } });
        const found = await scene.upload(made.id);
        assert.deepEqual([found.name, found.ref, found.metadata], [text, short, { k: short, v: "" }]);
        const again = await scene.createOutcome(owner.id, { ref: short });
        assert.equal(again.outcome === "existing" && again.upload.id, made.id);
        await scene.complete(made.id);
        const claimed = await scene.claim();
        await scene.finish(claimed, { ...readyResult(claimed), detail: text });
        assert.equal((await scene.file(made.fileId)).name, text);
        assert.equal((await store.listUploadEvents(made.id)).at(-1)?.detail, text);
      }
    },
  },
  {
    name: "answers the same ref, size and digest with that upload, its lives extended while it is pending",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const first = await createWithRef(scene, owner.id, "r");
      assert.equal(first.outcome, "created");
      const { id } = first.upload;
      clock.advance(minuteMs);
      const again = await scene.audited({ actor: owner.id, action: "upload.reminted", targetId: id }, () =>
        createWithRef(scene, owner.id, "r"),
      );
      const upload = {
        ...first.upload,
        expiresAtMs: clock.nowMs() + uploadLifetimeMs,
        urlsUntilMs: clock.nowMs() + urlLifetimeMs,
      };
      assert.deepEqual(again, { outcome: "existing", upload });
      assert.deepEqual(await store.findUpload(id), upload);
      assert.deepEqual((await store.listUploadEvents(id)).at(-1), {
        atMs: clock.nowMs(),
        type: "reminted",
        detail: "",
      });
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 1000, open: 1 });
      assert.deepEqual(await scene.unchanged(() => createWithRef(scene, owner.id, "r")), again);
    },
  },
  {
    name: "never shortens how long minted URLs are known to work",
    async run(scene) {
      const owner = await scene.newOwner();
      const { urlsUntilMs } = await scene.create(owner.id, { ref: "r" });
      scene.clock.advance(minuteMs);
      const again = await scene.createOutcome(owner.id, { ref: "r" }, { urlLifetimeMs: 1000 });
      assert.equal(again.outcome, "existing");
      assert.equal(again.upload.urlsUntilMs, urlsUntilMs);
      assert.equal(again.upload.expiresAtMs, scene.clock.nowMs() + uploadLifetimeMs);
      assert.deepEqual(await scene.upload(again.upload.id), again.upload);
    },
  },
  {
    name: "answers the ref of an upload that is past pending with it as it is, writing nothing",
    async run(scene) {
      const owner = await scene.newOwner();
      const { id } = await scene.create(owner.id, { ref: "r", sha256: sha256Of("one") });
      const again = async (state: string) => {
        scene.clock.advance(1000);
        const outcome = await scene.unchanged(() => createWithRef(scene, owner.id, "r"));
        assert.deepEqual(outcome, { outcome: "existing", upload: await scene.upload(id) });
        assert.equal(outcome.upload.state, state);
      };
      await scene.complete(id);
      await again("uploaded");
      const claimed = await scene.claim();
      await again("verifying");
      await scene.finish(claimed, readyResult(claimed));
      await again("ready");
      await scene.store.purgeFile({ fileId: claimed.fileId, revision: 1, actor: "system" });
      await again("ready");
    },
  },
  {
    name: "refuses a ref that names an upload of another size or digest, in every state but failed ones",
    async run(scene) {
      const owner = await scene.newOwner();
      const { id } = await scene.create(owner.id, { ref: "r", sha256: sha256Of("one") });
      const refused = async () => {
        for (const other of [{ sha256: sha256Of("two") }, { sha256: sha256Of("one"), sizeBytes: 999 }]) {
          const outcome = await scene.unchanged(() =>
            scene.createOutcome(owner.id, { ref: "r", ...other }, { quotaBytes: 1, maxOpenUploads: 1 }),
          );
          assert.deepEqual(outcome, { outcome: "ref-reused", upload: await scene.upload(id) });
        }
      };
      await refused();
      await scene.complete(id);
      await refused();
      const claimed = await scene.claim();
      await refused();
      await scene.finish(claimed, readyResult(claimed));
      await refused();
    },
  },
  {
    name: "opens a new attempt for a ref after abort and after rejection, and the ref then names that one",
    async run(scene) {
      const owner = await scene.newOwner();
      const aborted = await scene.createAborted(owner.id, { ref: "r" });
      const second = await scene.create(owner.id, { ref: "r", sha256: sha256Of("other") });
      await scene.complete(second.id);
      await scene.finish(await scene.claim(), rejectedResult);
      const third = await scene.create(owner.id, { ref: "r", sizeBytes: 3 });
      const again = await scene.createOutcome(owner.id, { ref: "r", sizeBytes: 3 });
      assert.equal(again.outcome === "existing" && again.upload.id, third.id);
      const reused = await scene.createOutcome(owner.id, { ref: "r" });
      assert.equal(reused.outcome === "ref-reused" && reused.upload.id, third.id);
      assert.deepEqual(
        (await scene.store.findUploads([aborted.id, second.id, third.id])).map(({ ref }) => ref),
        ["r", "r", "r"],
        "each keeps the name it was given",
      );
    },
  },
  {
    name: "keeps refs apart that differ by owner, case, normal form or a space",
    async run(scene) {
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      for (const ref of ["a", "A", "a ", " a", "\u00e9", "e\u0301"]) await scene.create(ann.id, { ref });
      await scene.create(bob.id, { ref: "a", sizeBytes: 1 });
      assert.equal((await scene.counters(ann.id)).open, 6);
      assert.equal((await scene.counters(bob.id)).open, 1);
    },
  },
  {
    name: "lets the second of the same ref in one batch find the first",
    async run(scene) {
      const owner = await scene.newOwner();
      const items = [
        scene.newItem({ ref: "r" }),
        scene.newItem({ ref: "r" }),
        scene.newItem({ ref: "r", sizeBytes: 2 }),
        scene.newItem({ ref: "s" }),
      ];
      const outcomes = await scene.createAll(owner.id, items);
      assert.deepEqual(kindsOf(outcomes), ["created", "existing", "ref-reused", "created"]);
      assert.deepEqual(
        outcomes.map((each) => "upload" in each && each.upload.id),
        [items[0]?.id, items[0]?.id, items[0]?.id, items[3]?.id],
      );
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 2000, open: 2 });
      assert.equal((await scene.auditEvents()).length, 2);
    },
  },
  {
    name: "fills a quota to its last byte and not one further, used and reserved bytes counted",
    async run(scene) {
      const owner = await scene.newOwner();
      await scene.createReady(owner.id, { sizeBytes: 300 });
      await scene.create(owner.id, { sizeBytes: 200 });
      const limits = { quotaBytes: 1000 };
      assert.deepEqual(
        await scene.unchanged(() => scene.createOutcome(owner.id, { sizeBytes: 501 }, limits)),
        { outcome: "quota-exceeded", quota: "bytes", free: 500 },
      );
      assert.equal((await scene.createOutcome(owner.id, { sizeBytes: 500 }, limits)).outcome, "created");
      assert.deepEqual(await scene.unchanged(() => scene.createOutcome(owner.id, { sizeBytes: 1 }, limits)), {
        outcome: "quota-exceeded",
        quota: "bytes",
        free: 0,
      });
      assert.equal((await scene.createOutcome(owner.id, { sizeBytes: 1 })).outcome, "created", "0 = none");
    },
  },
  {
    name: "lets as many uploads be open as may be, and one more once one has ended",
    async run(scene) {
      const owner = await scene.newOwner();
      const limits = { maxOpenUploads: 3 };
      const made = await scene.createAll(
        owner.id,
        [1, 2, 3, 4].map(() => scene.newItem()),
        limits,
      );
      assert.deepEqual(kindsOf(made), ["created", "created", "created", "too-many-open-uploads"]);
      const [first] = made;
      assert.ok(first?.outcome === "created");
      await scene.complete(first.upload.id);
      const claimed = await scene.claim();
      assert.deepEqual(await scene.unchanged(() => scene.createOutcome(owner.id, {}, limits)), {
        outcome: "too-many-open-uploads",
        openUploads: 3,
      });
      await scene.finish(claimed, readyResult(claimed));
      assert.equal((await scene.createOutcome(owner.id, {}, limits)).outcome, "created");
    },
  },
  {
    name: "says that the quota is exceeded where too many uploads are open as well",
    async run(scene) {
      const owner = await scene.newOwner();
      await scene.create(owner.id);
      const limits = { quotaBytes: 1500, maxOpenUploads: 1 };
      assert.equal((await scene.createOutcome(owner.id, {}, limits)).outcome, "quota-exceeded");
    },
  },
  {
    name: "commits the good items of a batch beside refused ones, which leave nothing",
    async run(scene) {
      const owner = await scene.newOwner();
      await scene.create(owner.id, { ref: "taken", sizeBytes: 100 });
      const items = [400, 700, 500, 1].map((sizeBytes) => scene.newItem({ sizeBytes }));
      const reused = scene.newItem({ ref: "taken", sizeBytes: 2 });
      const outcomes = await scene.createAll(owner.id, [reused, ...items], { quotaBytes: 1000 });
      assert.deepEqual(kindsOf(outcomes), [
        "ref-reused",
        "created",
        "quota-exceeded",
        "created",
        "quota-exceeded",
      ]);
      assert.deepEqual(outcomes[2], { outcome: "quota-exceeded", quota: "bytes", free: 500 });
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 1000, open: 3 });
      const refused = [reused, items[1], items[3]].flatMap((item) => item ?? []);
      assert.deepEqual(await scene.store.findUploads(idsOf(refused)), []);
      for (const { id } of refused) assert.deepEqual(await scene.store.listUploadEvents(id), []);
      assert.deepEqual(
        await scene.store.findKnownKeys(refused.map(({ landingKey }) => landingKey)),
        new Set(),
      );
      assert.equal((await scene.auditEvents()).length, 3);
    },
  },
  {
    name: "counts each owner's uploads against that owner alone",
    async run(scene) {
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      const limits = { quotaBytes: 1000, maxOpenUploads: 1 };
      assert.equal((await scene.createOutcome(ann.id, {}, limits)).outcome, "created");
      assert.equal((await scene.createOutcome(bob.id, {}, limits)).outcome, "created");
      assert.deepEqual(await scene.counters(ann.id), { used: 0, reserved: 1000, open: 1 });
    },
  },
  {
    name: "rejects a create for nobody or under a taken id, writing nothing, also of the batch's other items",
    async run(scene) {
      const owner = await scene.newOwner();
      const taken = await scene.create(owner.id);
      await scene.unchanged(async () => {
        await assert.rejects(scene.create("nobody"));
        await assert.rejects(scene.createAll(owner.id, [scene.newItem(), scene.newItem({ id: taken.id })]));
      });
    },
  },
];

import assert from "node:assert/strict";
import { leaseOfMs, longestClaimWaitMs } from "../limits.ts";
import {
  factsOf,
  leaseMs,
  type MetadataStoreCase,
  minuteMs,
  readyResult,
  rejectedResult,
} from "./metadata-store-case.contract.ts";

export const claimCases: readonly MetadataStoreCase[] = [
  {
    name: "claims an uploaded upload: attempt and lease, told and audited; nothing else can be claimed then",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      assert.equal(await store.claimUpload({ leaseMs }), undefined);
      const { id } = await scene.create(owner.id);
      assert.equal(await store.claimUpload({ leaseMs }), undefined, "pending is not claimed");
      const uploaded = await scene.complete(id);
      clock.advance(minuteMs);
      const claimed = await scene.audited({ actor: "system", action: "upload.claimed", targetId: id }, () =>
        store.claimUpload({ leaseMs }),
      );
      const upload = {
        ...uploaded,
        state: "verifying",
        attempt: 1,
        failedAttempts: 1,
        leaseUntilMs: clock.nowMs() + leaseMs,
      };
      assert.deepEqual(claimed, upload);
      assert.deepEqual(await store.findUpload(id), upload);
      assert.deepEqual((await store.listUploadEvents(id)).at(-1), {
        atMs: clock.nowMs(),
        type: "verifying",
        detail: "",
      });
      assert.equal(await scene.unchanged(() => store.claimUpload({ leaseMs })), undefined);
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 1000, open: 1 });
    },
  },
  {
    name: "claims one person's in the order in which they were completed; what a dead worker left keeps its place",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const [first, second, third] = [
        await scene.create(owner.id),
        await scene.create(owner.id),
        await scene.create(owner.id),
      ];
      await scene.complete(second.id);
      clock.advance(1000);
      const dead = await scene.claim();
      assert.equal(dead.id, second.id);
      await scene.complete(third.id);
      clock.advance(leaseMs - 1);
      await scene.complete(first.id);
      clock.advance(1);
      const order = [await scene.claim(), await scene.claim(), await scene.claim()];
      assert.deepEqual(
        order.map(({ id }) => id),
        [second.id, third.id, first.id],
      );
      assert.equal(await store.claimUpload({ leaseMs }), undefined);
    },
  },
  {
    name: "lets owners take turns, however much one of them has waiting",
    async run(scene) {
      const { clock } = scene;
      const [many, two, one, late] = [
        await scene.newOwner(),
        await scene.newOwner(),
        await scene.newOwner(),
        await scene.newOwner(),
      ];
      const complete = async ({ id }: { readonly id: string }, count: number) => {
        for (let each = 0; each < count; each += 1) await scene.complete((await scene.create(id)).id);
        clock.advance(1);
      };
      const claimed: string[] = [];
      const claim = async () => void claimed.push((await scene.claim()).ownerId);
      for (const [owner, count] of [
        [many, 6],
        [two, 2],
        [one, 1],
      ] as const)
        await complete(owner, count);
      for (const _ of [1, 2, 3, 4]) await claim();
      await complete(late, 2);
      for (const _ of [1, 2, 3, 4]) await claim();
      assert.deepEqual(
        claimed,
        [many, two, one, many, two, many, late, many].map(({ id }) => id),
      );
    },
  },
  {
    name: "lets owners take turns in what an outage gave back, too",
    async run(scene) {
      const { store, clock } = scene;
      const [many, late] = [await scene.newOwner(), await scene.newOwner()];
      for (let each = 0; each < 4; each += 1) await scene.complete((await scene.create(many.id)).id);
      const release = async (consumed: boolean) => {
        const { id: uploadId, attempt } = await scene.claim();
        clock.advance(1);
        await store.releaseClaim({ uploadId, attempt, retryInMs: minuteMs, consumed, detail: "" });
        return uploadId;
      };
      const tried = [await release(false), await release(false), await release(false), await release(true)];
      await scene.complete((await scene.create(late.id)).id);
      clock.advance(minuteMs);
      const order = [await scene.claim(), await scene.claim(), await scene.claim()];
      assert.deepEqual(
        order.map(({ id, ownerId }) => (ownerId === late.id ? "late" : tried.indexOf(id))),
        [3, "late", 0],
        "a file that failed by itself keeps its turn",
      );
    },
  },
  {
    name: "lets one who sends one after the other, each when the last is done, keep nobody waiting",
    async run(scene) {
      const { clock } = scene;
      const [many, steady] = [await scene.newOwner(), await scene.newOwner()];
      for (let each = 0; each < 4; each += 1) await scene.complete((await scene.create(many.id)).id);
      const claimed: string[] = [];
      for (let each = 0; each < 3; each += 1) {
        clock.advance(1);
        await scene.complete((await scene.create(steady.id)).id);
        for (const _ of [1, 2]) {
          const upload = await scene.claim();
          await scene.finish(upload, readyResult(upload));
          claimed.push(upload.ownerId);
        }
      }
      assert.deepEqual(
        claimed,
        [many, steady, many, steady, many, steady].map(({ id }) => id),
      );
    },
  },
  {
    name: "claims what was written by a clock that has been set back since, and nothing that merely waits",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const [uploaded, waiting] = [await scene.create(owner.id), await scene.create(owner.id)];
      const hourMs = 60 * minuteMs;
      await scene.complete(waiting.id);
      await scene.claim();
      const command = { uploadId: waiting.id, attempt: 1, consumed: false, detail: "" };
      await store.releaseClaim({ ...command, retryInMs: longestClaimWaitMs });
      assert.equal(await scene.unchanged(() => store.claimUpload({ leaseMs })), undefined, "it waits");
      clock.advance(hourMs);
      await scene.complete(uploaded.id);
      assert.equal((await scene.claim()).id, waiting.id, "what is due comes first");
      clock.advance(-hourMs);
      assert.deepEqual(
        [(await scene.claim()).id, (await scene.claim()).id],
        [waiting.id, uploaded.id],
        "neither waits for the hour to come again",
      );
      assert.equal(await scene.unchanged(() => store.claimUpload({ leaseMs })), undefined);
    },
  },
  {
    name: "claims again what a dead worker held, when its lease is past and not a millisecond earlier",
    async run(scene) {
      const { store, clock } = scene;
      const claimed = await scene.createClaimed((await scene.newOwner()).id);
      clock.advance(leaseMs - 1);
      assert.equal(await scene.unchanged(() => store.claimUpload({ leaseMs })), undefined);
      clock.advance(1);
      const again = await scene.claim();
      assert.deepEqual(again, {
        ...claimed,
        attempt: 2,
        failedAttempts: 1,
        lostClaims: 1,
        leaseUntilMs: clock.nowMs() + leaseMs,
      });
    },
  },
  {
    name: "counts claims that were lost apart from those that failed, and holds what was lost often for longer",
    async run(scene) {
      const { store, clock } = scene;
      const { id } = await scene.createClaimed((await scene.newOwner()).id);
      for (let lost = 1; lost <= 8; lost += 1) {
        clock.advance(leaseOfMs(leaseMs, lost - 1) - 1);
        assert.equal(await store.claimUpload({ leaseMs }), undefined, `lost ${lost}`);
        clock.advance(1);
        const claimed = await scene.claim();
        assert.deepEqual(
          [claimed.attempt, claimed.failedAttempts, claimed.lostClaims, claimed.leaseUntilMs],
          [lost + 1, 1, lost, clock.nowMs() + leaseOfMs(leaseMs, lost)],
        );
        clock.advance(1);
        await store.renewClaim({ uploadId: id, attempt: claimed.attempt, leaseMs });
        assert.equal((await scene.upload(id)).leaseUntilMs, clock.nowMs() + leaseOfMs(leaseMs, lost));
      }
      const release = { uploadId: id, attempt: 9, retryInMs: 0, detail: "" };
      assert.equal(await store.releaseClaim({ ...release, consumed: true }), true);
      const { failedAttempts, lostClaims } = await scene.claim();
      assert.deepEqual([failedAttempts, lostClaims], [2, 8], "that one failed, and was not lost");
    },
  },
  {
    name: "extends a claim that is held, also when its lease is past and nobody took it",
    async run(scene) {
      const { store, clock } = scene;
      const { id, attempt } = await scene.createClaimed((await scene.newOwner()).id);
      const auditsBefore = (await scene.auditEvents()).length;
      clock.advance(leaseMs - 1);
      assert.equal(await store.renewClaim({ uploadId: id, attempt, leaseMs }), true);
      assert.equal((await scene.upload(id)).leaseUntilMs, clock.nowMs() + leaseMs);
      clock.advance(leaseMs - 1);
      assert.equal(await store.claimUpload({ leaseMs }), undefined);
      clock.advance(5);
      assert.equal(await store.renewClaim({ uploadId: id, attempt, leaseMs }), true);
      assert.equal(await store.claimUpload({ leaseMs }), undefined);
      assert.equal((await scene.auditEvents()).length, auditsBefore);
    },
  },
  {
    name: "lets a worker that lost its claim change nothing",
    async run(scene) {
      const { store, clock } = scene;
      const late = await scene.createClaimed((await scene.newOwner()).id);
      clock.advance(leaseMs);
      const current = await scene.claim();
      const lost = { uploadId: late.id, attempt: late.attempt };
      const tryAll = async () => {
        const doom = { key: scene.newKey("files/"), notBeforeMs: 0 };
        await scene.unchanged(async () => {
          assert.equal(await store.renewClaim({ ...lost, leaseMs }), false);
          const release = { ...lost, retryInMs: 0, consumed: false, detail: "" };
          assert.equal(await store.releaseClaim(release), false);
          for (const result of [readyResult(late), rejectedResult])
            assert.equal(await store.finishUpload({ ...lost, result, dooms: [doom] }), "stale");
        });
      };
      await tryAll();
      await scene.finish(current, readyResult(current));
      await tryAll();
      lost.attempt = current.attempt;
      await tryAll();
      lost.attempt = 3;
      await tryAll();
      assert.equal((await scene.file(current.fileId)).current.key, factsOf(current).key);
    },
  },
  {
    name: "takes a claim back until its time has come, and keeps or takes back the failed attempt",
    async run(scene) {
      const { store, clock } = scene;
      const claimed = await scene.createClaimed((await scene.newOwner()).id);
      const { id } = claimed;
      const release = {
        uploadId: id,
        attempt: 1,
        retryInMs: minuteMs,
        consumed: false,
        detail: "Store down.",
      };
      clock.advance(1000);
      const held = await scene.audited({ actor: "system", action: "upload.postponed", targetId: id }, () =>
        store.releaseClaim(release),
      );
      assert.equal(held, true);
      assert.deepEqual(await store.findUpload(id), {
        ...claimed,
        failedAttempts: 0,
        leaseUntilMs: clock.nowMs() + minuteMs,
      });
      assert.deepEqual((await store.listUploadEvents(id)).at(-1), {
        atMs: clock.nowMs(),
        type: "postponed",
        detail: "Store down.",
      });
      clock.advance(minuteMs - 1);
      assert.equal(await store.claimUpload({ leaseMs }), undefined);
      clock.advance(1);
      const second = await scene.claim();
      assert.deepEqual([second.attempt, second.failedAttempts], [2, 1]);
      await store.releaseClaim({ ...release, attempt: 2, consumed: true, retryInMs: 0 });
      const third = await scene.claim();
      assert.deepEqual([third.attempt, third.failedAttempts], [3, 2]);
    },
  },
  {
    name: "lets nobody renew, give back or finish a claim that was given back",
    async run(scene) {
      const { store } = scene;
      const claimed = await scene.createClaimed((await scene.newOwner()).id);
      const mine = { uploadId: claimed.id, attempt: 1 };
      const release = { ...mine, retryInMs: minuteMs, consumed: true, detail: "" };
      assert.equal(await store.releaseClaim(release), true);
      await scene.unchanged(async () => {
        assert.equal(await store.releaseClaim(release), false);
        assert.equal(await store.renewClaim({ ...mine, leaseMs }), false);
        const result = readyResult(claimed);
        assert.equal(await store.finishUpload({ ...mine, result, dooms: [] }), "stale");
      });
    },
  },
  {
    name: "finishes an upload as ready: file, version and derivatives, reserved bytes become used ones",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const claimed = await scene.createClaimed(owner.id, { name: "a.jpg", metadata: { step: "1" } });
      clock.advance(1000);
      const derivatives = ["thumbnail", "preview", "a"].map((name, index) => ({
        name,
        key: `${claimed.storagePrefix}/1/d/${name}`,
        contentType: "image/webp",
        width: 320,
        height: 200 + index,
        sizeBytes: 9000 + index,
      }));
      const facts = factsOf(claimed, {
        sizeBytes: 990,
        contentType: "image/png",
        width: 4000,
        height: 3000,
        takenAtMs: -86_400_000,
        thumbhash: "1QcSHQRnh493V4dIh4eXh1h4kJUI",
        derivatives,
      });
      const doomed = { key: claimed.landingKey, notBeforeMs: clock.nowMs() + 5 };
      const finished = await scene.audited(
        { actor: "system", action: "upload.ready", targetId: claimed.id },
        () =>
          store.finishUpload({
            uploadId: claimed.id,
            attempt: 1,
            result: { kind: "ready", facts, detail: "Checked: it is a PNG." },
            dooms: [doomed],
          }),
      );
      assert.equal(finished, "finished");
      const { leaseUntilMs: _, ...upload } = claimed;
      assert.deepEqual(await store.findUpload(claimed.id), {
        ...upload,
        state: "ready",
        endedAtMs: clock.nowMs(),
      });
      assert.deepEqual(await store.findFile(claimed.fileId), {
        id: claimed.fileId,
        ownerId: owner.id,
        state: "ready",
        name: "a.jpg",
        latestVersion: 1,
        conflicts: 0,
        metadata: { step: "1" },
        version: 1,
        current: facts,
        revision: 1,
        createdAtMs: clock.nowMs(),
      });
      assert.deepEqual((await store.listUploadEvents(claimed.id)).at(-1), {
        atMs: clock.nowMs(),
        type: "ready",
        detail: "Checked: it is a PNG.",
      });
      assert.deepEqual(await scene.counters(owner.id), { used: 990, reserved: 0, open: 0 });
      assert.deepEqual(await store.listDoomedObjects(10), []);
      clock.advance(5);
      assert.deepEqual(await store.listDoomedObjects(10), [doomed]);
    },
  },
  {
    name: "keeps what was learnt of contents: pages, a password, duration, what could run, what others get, the profile",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const stripped = { kind: "stripped", sizeBytes: 9, sha256: "ab".repeat(32) } as const;
      for (const learnt of [
        { pageCount: 17 },
        { passwordProtected: true },
        { durationMs: 61_500, rendition: { kind: "none", version: 3 } },
        { activeContent: ["javascript", "launch"], rendition: { kind: "original" } },
        { rendition: stripped, profile: "report" },
        {},
      ] as const) {
        const claimed = await scene.createClaimed(owner.id, { name: "a.pdf" });
        const facts = factsOf(claimed, { contentType: "application/pdf", ...learnt });
        const result = { kind: "ready", facts, detail: "" } as const;
        await store.finishUpload({ uploadId: claimed.id, attempt: 1, result, dooms: [] });
        assert.deepEqual((await store.findFile(claimed.fileId))?.current, facts);
      }
    },
  },
  {
    name: "finishes an upload as rejected: the reason, no file, nothing reserved or used",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const claimed = await scene.createClaimed(owner.id);
      const dooms = [2, 1].map((n) => ({ key: scene.newKey("files/"), notBeforeMs: clock.nowMs() - n }));
      const finished = await scene.audited(
        { actor: "system", action: "upload.rejected", targetId: claimed.id },
        () => store.finishUpload({ uploadId: claimed.id, attempt: 1, result: rejectedResult, dooms }),
      );
      assert.equal(finished, "finished");
      const { leaseUntilMs: _, ...upload } = claimed;
      assert.deepEqual(await store.findUpload(claimed.id), {
        ...upload,
        state: "rejected",
        endedAtMs: clock.nowMs(),
        rejection: { code: "malware", detail: "It bites." },
      });
      assert.equal(await store.findFile(claimed.fileId), undefined);
      assert.deepEqual((await store.listUploadEvents(claimed.id)).at(-1), {
        atMs: clock.nowMs(),
        type: "rejected",
        detail: "It bites.",
      });
      assert.deepEqual(await scene.counters(owner.id), { used: 0, reserved: 0, open: 0 });
      assert.deepEqual(await store.listDoomedObjects(10), dooms);
    },
  },
  {
    name: "lets a claim finish after its lease where nobody took it over",
    async run(scene) {
      const claimed = await scene.createClaimed((await scene.newOwner()).id);
      scene.clock.advance(leaseMs * 10);
      await scene.finish(claimed, readyResult(claimed));
      assert.equal(await scene.store.claimUpload({ leaseMs }), undefined);
    },
  },
  {
    name: "tells the whole story of an upload in its timeline, oldest first",
    async run(scene) {
      const { store, clock } = scene;
      const made = await scene.create((await scene.newOwner()).id);
      const command = { uploadId: made.id, actor: "system" } as const;
      await store.remintUpload({ ...command, uploadLifetimeMs: 1, urlLifetimeMs: 1 });
      await scene.complete(made.id);
      await scene.claim();
      await store.releaseClaim({ ...command, attempt: 1, retryInMs: 0, consumed: true, detail: "Oops." });
      clock.advance(1);
      await scene.finish(await scene.claim(), rejectedResult);
      const events = await store.listUploadEvents(made.id);
      assert.deepEqual(
        events.map(({ type }) => type),
        ["created", "reminted", "uploaded", "verifying", "postponed", "verifying", "rejected"],
      );
      assert.deepEqual(
        (await scene.auditEvents()).map(({ action }) => action),
        ["created", "reminted", "completed", "claimed", "postponed", "claimed", "rejected"].map(
          (action) => `upload.${action}`,
        ),
      );
    },
  },
  {
    name: "shows the newest 200 lines of a long timeline",
    async run(scene) {
      const { store, clock } = scene;
      const made = await scene.create((await scene.newOwner()).id);
      for (let count = 0; count < 204; count += 1) {
        clock.advance(1);
        await store.remintUpload({
          uploadId: made.id,
          actor: "system",
          uploadLifetimeMs: 1,
          urlLifetimeMs: 1,
        });
      }
      const events = await store.listUploadEvents(made.id);
      assert.equal(events.length, 200);
      assert.equal(events.at(-1)?.atMs, clock.nowMs());
      assert.equal(events[0]?.atMs, clock.nowMs() - 199);
    },
  },
];

import assert from "node:assert/strict";
import { auditedOf } from "../audit-event.ts";
import type { FileList } from "../file-lists/file-list.ts";
import { organisationAudience, personAudience, publicAudience } from "../policy/audiences.ts";
import {
  idsOf,
  type MetadataStoreCase,
  minuteMs,
  readyResult,
  type Scene,
} from "./metadata-store-case.contract.ts";

const maxGrants = 3;

const listOf = async (scene: Scene, audience: string): Promise<string[]> => {
  const list: FileList = { by: "audience", audience };
  return idsOf(await scene.store.listFiles({ ownerId: "nobody", list, limit: 201 }));
};

export const sharingCases: readonly MetadataStoreCase[] = [
  {
    name: "shares a ready file with a person until it is taken back, and lists it for them meanwhile",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const actor = { principalId: owner.id };
      const command = { fileId: file.id, userId: "bob", actor, maxGrants };
      const event = { actor: owner.id, action: "file.granted", targetId: file.id } as const;
      const grant = { fileId: file.id, userId: "bob", grantedAtMs: clock.nowMs() };
      assert.deepEqual(
        await scene.audited({ ...event, detail: '{"userId":"bob"}' }, () => store.grantFile(command)),
        { outcome: "granted", grant },
      );
      assert.deepEqual(await store.findFileAccess({ principalId: "bob", fileIds: [file.id] }), [
        { fileId: file.id, grants: [{ kind: "share" }], albumIds: [] },
      ]);
      assert.deepEqual(await store.listGrants({ fileId: file.id, limit: 10 }), [grant]);
      assert.deepEqual(await store.findGrant(grant), grant);
      assert.equal(await store.findGrant({ ...grant, userId: "carol" }), undefined);
      assert.deepEqual(await listOf(scene, personAudience("bob")), [file.id]);
      assert.deepEqual(await listOf(scene, personAudience(owner.id)), []);
      assert.deepEqual(await scene.file(file.id), file, "the file is as it was");
      assert.deepEqual(await scene.unchanged(() => store.grantFile(command)), {
        outcome: "unchanged",
        grant,
      });
      const taken = { ...event, action: "file.revoked", detail: '{"userId":"bob"}' } as const;
      assert.equal(await scene.audited(taken, () => store.revokeGrant(command)), true);
      assert.equal(await scene.unchanged(() => store.revokeGrant(command)), false);
      assert.deepEqual(await listOf(scene, personAudience("bob")), []);
      assert.deepEqual(await store.findFileAccess({ principalId: "bob", fileIds: [file.id] }), [
        { fileId: file.id, grants: [], albumIds: [] },
      ]);
    },
  },
  {
    name: "gives a grant another end, or none",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const command = { fileId: file.id, userId: "bob", actor: "system", maxGrants } as const;
      const event = { actor: "system", action: "file.granted", targetId: file.id } as const;
      await store.grantFile(command);
      for (const endsAtMs of [clock.nowMs() + minuteMs, clock.nowMs() + 2 * minuteMs, undefined]) {
        clock.advance(1);
        const end = endsAtMs === undefined ? {} : { endsAtMs };
        const detail = JSON.stringify({ userId: "bob", ...(endsAtMs ? { endsAt: endsAtMs } : {}) });
        const grant = { fileId: file.id, userId: "bob", grantedAtMs: clock.nowMs(), ...end };
        assert.deepEqual(
          await scene.audited({ ...event, detail }, () => store.grantFile({ ...command, ...end })),
          { outcome: "granted", grant },
        );
        assert.deepEqual(await store.listGrants({ fileId: file.id, limit: 10 }), [grant]);
        const [access] = await store.findFileAccess({ principalId: "bob", fileIds: [file.id] });
        assert.deepEqual(access?.grants, [{ kind: "share", ...end }]);
      }
    },
  },
  {
    name: "refuses a grant beyond as many as a file may have, and of what is not ready or not there",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const command = { fileId: file.id, actor: "system", maxGrants } as const;
      for (const userId of ["a", "b", "c"]) await store.grantFile({ ...command, userId });
      const refused = (userId: string) => scene.unchanged(() => store.grantFile({ ...command, userId }));
      assert.deepEqual(await refused("d"), { outcome: "too-many" });
      assert.equal((await refused("b")).outcome, "unchanged");
      await store.revokeGrant({ ...command, userId: "b" });
      assert.equal((await store.grantFile({ ...command, userId: "d" })).outcome, "granted");
      const trashed = await store.trashFile({ fileId: file.id, revision: 1, actor: "system" });
      assert.ok(trashed.outcome === "done");
      for (const userId of ["d", "e"])
        assert.deepEqual(await refused(userId), { outcome: "not-ready", file: trashed.file });
      assert.deepEqual(
        await scene.unchanged(() => store.grantFile({ ...command, fileId: "none", userId: "d" })),
        { outcome: "missing" },
      );
    },
  },
  {
    name: "lists a file for those whom it is granted to while it is ready, and takes back in any state",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const command = { fileId: file.id, actor: "system", maxGrants } as const;
      for (const userId of ["bob", "carol"]) await store.grantFile({ ...command, userId });
      await store.trashFile({ fileId: file.id, revision: 1, actor: "system" });
      assert.deepEqual(await listOf(scene, personAudience("bob")), []);
      assert.equal(await store.revokeGrant({ ...command, userId: "carol" }), true);
      await store.restoreFile({ fileId: file.id, revision: 2, actor: "system" });
      assert.deepEqual(await listOf(scene, personAudience("bob")), [file.id]);
      assert.deepEqual(await listOf(scene, personAudience("carol")), []);
      await store.purgeFile({ fileId: file.id, revision: 3, actor: "system" });
      assert.deepEqual(await listOf(scene, personAudience("bob")), []);
      assert.deepEqual(await store.listGrants({ fileId: file.id, limit: 10 }), []);
      assert.equal(await scene.unchanged(() => store.revokeGrant({ ...command, userId: "bob" })), false);
    },
  },
  {
    name: "lists grants of one file in pages by the person's id",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const [file, other] = [await scene.createReady(owner.id), await scene.createReady(owner.id)];
      const command = { actor: "system", maxGrants: 10 } as const;
      for (const userId of ["c", "a", "e", "b"])
        await store.grantFile({ ...command, fileId: file.id, userId });
      await store.grantFile({ ...command, fileId: other.id, userId: "d" });
      const page = async (after: string | undefined) =>
        (
          await store.listGrants({ fileId: file.id, limit: 3, ...(after === undefined ? {} : { after }) })
        ).map(({ userId }) => userId);
      assert.deepEqual(await page(undefined), ["a", "b", "c"]);
      assert.deepEqual(await page("c"), ["e"]);
      assert.deepEqual(await page("d"), ["e"]);
    },
  },
  {
    name: "forgets grants that have run out, the first of them first, and keeps broken glass for a time after",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const command = { fileId: file.id, actor: "system", maxGrants } as const;
      const nowMs = clock.nowMs();
      await store.grantFile({ ...command, userId: "a", endsAtMs: nowMs + 2 });
      await store.grantFile({ ...command, userId: "b", endsAtMs: nowMs + 1 });
      await store.grantFile({ ...command, userId: "c" });
      await store.breakGlass({ fileId: file.id, userId: "op", lifetimeMs: 1, reason: "A complaint." });
      const forget = (limit: number, glassEndedBeforeMs = nowMs + 1) =>
        store.forgetEndedGrants({ glassEndedBeforeMs, limit });
      assert.equal(await scene.unchanged(() => forget(10)), 0);
      clock.advance(2);
      assert.equal(await forget(1), 1);
      const left = async () =>
        (await store.listGrants({ fileId: file.id, limit: 9 })).map(({ userId }) => userId);
      assert.deepEqual(await left(), ["a", "c"]);
      assert.equal(await forget(10), 1);
      assert.deepEqual(await left(), ["c"]);
      assert.deepEqual(await listOf(scene, personAudience("a")), []);
      assert.equal((await store.listGlassBreaks([file.id])).length, 1);
      assert.equal(await forget(10, nowMs + 2), 1);
      assert.deepEqual(await store.listGlassBreaks([file.id]), []);
      assert.equal((await scene.file(file.id)).glassBreaks, undefined);
      assert.equal((await store.grantFile({ ...command, userId: "d" })).outcome, "granted", "there is room");
    },
  },
  {
    name: "breaks the glass of a ready file, which its owner is told of by the file, and lists it for nobody",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const command = { fileId: file.id, userId: "op", lifetimeMs: minuteMs, reason: "A complaint." };
      const endsAtMs = clock.nowMs() + minuteMs;
      const event = { actor: "op", action: "file.glass-broken", targetId: file.id } as const;
      const glassBreak = {
        fileId: file.id,
        userId: "op",
        atMs: clock.nowMs(),
        endsAtMs,
        reason: "A complaint.",
      };
      assert.deepEqual(
        await scene.audited({ ...event, detail: JSON.stringify({ endsAt: endsAtMs }) }, () =>
          store.breakGlass(command),
        ),
        { outcome: "broken", glassBreak },
      );
      assert.deepEqual(await scene.file(file.id), { ...file, glassBreaks: 1 });
      assert.deepEqual(await store.listGlassBreaks([file.id, "none"]), [glassBreak]);
      assert.deepEqual(await store.findFileAccess({ principalId: "op", fileIds: [file.id] }), [
        { fileId: file.id, grants: [{ kind: "break-glass", endsAtMs }], albumIds: [] },
      ]);
      assert.deepEqual(await listOf(scene, personAudience("op")), []);
      clock.advance(1);
      await store.breakGlass({ ...command, reason: "Another complaint." });
      assert.equal((await scene.file(file.id)).glassBreaks, 2);
      assert.deepEqual((await store.listGlassBreaks([file.id])).map(({ reason }) => reason).sort(), [
        "A complaint.",
        "Another complaint.",
      ]);
      await store.trashFile({ fileId: file.id, revision: 1, actor: "system" });
      for (const fileId of [file.id, "none"])
        assert.deepEqual(await scene.unchanged(() => store.breakGlass({ ...command, fileId })), {
          outcome: "missing",
        });
      await store.purgeFile({ fileId: file.id, revision: 2, actor: "system" });
      assert.deepEqual(await store.listGlassBreaks([file.id]), []);
    },
  },
  {
    name: "shows a file to an organisation, to everyone or to nobody more, and lists it so while it is ready",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner({ organisation: "acme" });
      let file = await scene.createReady(owner.id);
      const { organisationId = assert.fail() } = owner;
      const acme = { kind: "organisation", organisationId } as const;
      const listed = async () => [
        await listOf(scene, organisationAudience(organisationId)),
        await listOf(scene, publicAudience),
      ];
      for (const [change, expected] of [
        [{ audience: acme }, [[file.id], []]],
        [{ audience: { kind: "public" } }, [[], [file.id]]],
        [{ name: "other.jpg" }, [[], [file.id]]],
        [{ sharesOriginal: true }, [[], [file.id]]],
        [{ audience: "private", sharesOriginal: false }, [[], []]],
        [{ audience: acme, name: "third.jpg" }, [[file.id], []]],
      ] as const) {
        const { revision, audience, sharesOriginal, ...rest } = file;
        const now = { audience, sharesOriginal, ...change };
        const after = {
          ...rest,
          ...("name" in change ? { name: change.name } : {}),
          ...(now.audience && now.audience !== "private" ? { audience: now.audience } : {}),
          ...(now.sharesOriginal ? { sharesOriginal: true } : {}),
          revision: revision + 1,
        };
        const detail = auditedOf(change);
        const event = { actor: owner.id, action: "file.changed", targetId: file.id } as const;
        assert.deepEqual(
          await scene.audited({ ...event, ...(detail === undefined ? {} : { detail }) }, () =>
            store.changeFile({ fileId: file.id, revision, actor: { principalId: owner.id }, change }),
          ),
          { outcome: "done", file: after },
        );
        file = await scene.file(file.id);
        assert.deepEqual(file, after);
        assert.deepEqual(await listed(), expected);
      }
      await store.trashFile({ fileId: file.id, revision: file.revision, actor: "system" });
      assert.deepEqual(await listed(), [[], []]);
    },
  },
  {
    name: "shows an organisation nothing of whom it is not the organisation any more, at once, and forgets in batches what they showed it",
    async run(scene) {
      const { store, clock } = scene;
      const come = (organisation?: string) =>
        scene.newOwner({ subject: "ann", ...(organisation === undefined ? {} : { organisation }) });
      const { id: ownerId, organisationId = assert.fail() } = await come("Acme");
      const audience = { kind: "organisation", organisationId } as const;
      const ids: string[] = [];
      for (let count = 0; count < 3; count += 1)
        ids.push((await scene.createReady(ownerId, { audience })).id);
      const everyones = await scene.createReady(ownerId, { audience: { kind: "public" } });
      const late = await scene.createClaimed(ownerId, { audience });
      const shown = async () =>
        (await store.findFiles(ids)).filter((file) => file.audience !== undefined).length;
      const withdraw = (limit: number, leftBeforeMs = clock.nowMs()) =>
        store.withdrawAudiences({ leftBeforeMs, limit });
      assert.equal(await shown(), 3);
      await come();
      assert.equal(await shown(), 0, "of none");
      await come("Other");
      assert.equal(await shown(), 0, "of another");
      await come("Acme");
      assert.equal(await shown(), 3, "it was an oversight of their issuer's");
      assert.equal(await withdraw(10), 0);
      clock.advance(10);
      await come("Other");
      await scene.finish(late, readyResult(late));
      assert.equal((await scene.file(late.fileId)).audience, undefined, "what was under way");
      assert.equal(await withdraw(10, clock.nowMs() - 1), 0, "it is too early");
      assert.equal(await withdraw(2), 2);
      assert.equal(await withdraw(2), 1);
      assert.equal(await withdraw(2), 0);
      await come("Acme");
      assert.equal(await shown(), 0, "none comes back");
      assert.deepEqual(await listOf(scene, organisationAudience(organisationId)), []);
      const [first = ""] = ids;
      assert.equal((await scene.file(first)).revision, 2);
      assert.deepEqual((await scene.file(everyones.id)).audience, { kind: "public" });
    },
  },
  {
    name: "makes of an upload a file that is shown to whom its sender said, and leaves one that it replaces as it is",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      const audience = { kind: "public" } as const;
      const file = await scene.createReady(owner.id, { audience });
      assert.deepEqual(file.audience, audience);
      assert.deepEqual(await listOf(scene, publicAudience), [file.id]);
      const [upload] = await store.listUploads({ ownerId: owner.id, limit: 1 });
      assert.deepEqual(upload?.audience, audience);
      const plain = await scene.createReady(owner.id);
      const { file: replaced } = await scene.createReplacing(plain, { audience });
      assert.equal(replaced.audience, undefined);
      assert.deepEqual(await listOf(scene, publicAudience), [file.id]);
    },
  },
];

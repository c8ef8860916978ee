import assert from "node:assert/strict";
import { makeAuditLinks, noOrganisation } from "../audit/audit-chain.ts";
import { createAuditVerification } from "../audit/verify-audit.ts";
import type { AuditEventRecord } from "../audit-event.ts";
import { longestSequencerLeaseMs } from "./audit-commands.ts";
import { type MetadataStoreCase, minuteMs, type Scene, sha256Of } from "./metadata-store-case.contract.ts";

const sequencerId = "first";
const leaseMs = 10_000;

async function take(scene: Scene, limit: number, id = sequencerId) {
  const taken = await scene.store.takeUnchainedAuditEvents({ sequencerId: id, leaseMs, limit });
  assert.ok(taken.outcome === "taken", taken.outcome);
  const links = makeAuditLinks(sha256Of, taken.heads, taken.events);
  return { ...taken, command: { sequencerId: id, links } };
}

async function linkAll(scene: Scene, batch = 100): Promise<void> {
  while ((await scene.store.countUnchainedAuditEvents(1)) > 0) {
    const { command } = await take(scene, batch);
    assert.equal(await scene.store.linkAuditEvents(command), "linked");
  }
}

const idsOf = (events: readonly AuditEventRecord[]) => events.map(({ sequence }) => sequence);

export const auditCases: readonly MetadataStoreCase[] = [
  {
    name: "leaves audit events as they are asked for, in their order, with what else is to be known",
    async run(scene) {
      const owner = await scene.newOwner();
      const detail = '{"count":3}';
      await scene.store.addAuditEvents([
        { actor: "anonymous", action: "access.denied", targetId: "GET /v1/files/:id", detail },
        { actor: { principalId: owner.id }, action: "data.restored", targetId: "backup" },
      ]);
      const atMs = scene.clock.nowMs();
      assert.deepEqual(
        (await scene.auditEvents()).map(({ sequence: _, ...event }) => event),
        [
          { atMs, actor: "anonymous", action: "access.denied", targetId: "GET /v1/files/:id", detail },
          { atMs, actor: owner.id, action: "data.restored", targetId: "backup" },
        ],
      );
    },
  },
  {
    name: "gives every audit event one link, in the order in which they happened, that a verification finds right",
    async run(scene) {
      const { store } = scene;
      const owner = await scene.newOwner();
      assert.equal(
        (await store.takeUnchainedAuditEvents({ sequencerId, leaseMs, limit: 1 })).outcome,
        "none",
      );
      await scene.createReady(owner.id);
      const before = await scene.auditEvents();
      assert.deepEqual(await store.findAuditExtent(), { sequence: 0, count: 0, sealsHashedAt: 0 });
      assert.equal(await store.countUnchainedAuditEvents(2), 2);
      assert.equal(await store.countUnchainedAuditEvents(100), before.length);
      await linkAll(scene, 3);
      await scene.createReady(owner.id);
      await linkAll(scene);
      const events = await scene.auditEvents();
      assert.deepEqual(
        events.slice(0, before.length).map(({ link: _, ...event }) => event),
        before,
        "a link changes nothing else of its event",
      );
      assert.deepEqual(
        events.map(({ link }) => link?.number),
        events.map((_, index) => index + 1),
      );
      const verification = createAuditVerification({ sha256: sha256Of, checkpoints: [] });
      for (const event of events) verification.add(event);
      const heads = await store.listAuditChainHeads();
      const { faults, chains } = verification.end({ heads });
      assert.deepEqual(faults, []);
      assert.deepEqual(
        chains.map(({ chain, number, hash }) => ({ chain, number, hash })),
        heads,
      );
      assert.deepEqual(heads, [{ ...events.at(-1)?.link }]);
      assert.equal(heads[0]?.chain, noOrganisation);
      assert.deepEqual(await store.findAuditExtent(), {
        sequence: events.at(-1)?.sequence,
        count: events.length,
        sealsHashedAt: 0,
      });
      assert.equal(await store.countUnchainedAuditEvents(100), 0);
    },
  },
  {
    name: "links an audit event to the chain of its target's owner's organisation, else of who did it, and leaves it there",
    async run(scene) {
      const { store } = scene;
      const identity = { issuer: "https://a.example", subject: "ann", organisation: "Acme" };
      const ann = await scene.newOwner(identity);
      const bob = await scene.newOwner({ organisation: "Other" });
      const carol = await scene.newOwner();
      const acme = ann.organisationId ?? assert.fail();
      const other = bob.organisationId ?? assert.fail();
      const file = await scene.createReady(ann.id);
      const changed = await store.changeFile({
        fileId: file.id,
        revision: 1,
        actor: { principalId: bob.id },
        change: { name: "b" },
      });
      assert.equal(changed.outcome, "done");
      await scene.createReady(carol.id);
      const denied = { action: "access.denied", targetId: "GET /v1/files/:id" } as const;
      await store.addAuditEvents([
        { ...denied, actor: { principalId: bob.id } },
        { ...denied, actor: "anonymous" },
        { actor: "system", action: "principal.recounted", targetId: bob.id },
        { actor: "system", action: "organisation.recounted", targetId: acme },
      ]);
      const archiveId = scene.newId();
      await store.askArchive({
        id: archiveId,
        ownerId: ann.id,
        request: { kind: "files", fileIds: [file.id] },
        keyPrefix: scene.newKey("archives/"),
        lifetimeMs: minuteMs,
        maxPerOwner: 1,
      });
      await store.addAuditEvents([{ actor: "system", action: "archive.failed", targetId: archiveId }]);
      await scene.store.createAlbum({ id: "album", ownerId: ann.id, name: "Trip" });
      await store.addAuditEvents([{ actor: "system", action: "album.recounted", targetId: "album" }]);
      await linkAll(scene, 4);
      const chains = new Map<string, number[]>();
      for (const { link } of await scene.auditEvents())
        if (link) chains.set(link.chain, [...(chains.get(link.chain) ?? []), link.number]);
      const lengths = new Map([...chains].map(([chain, numbers]) => [chain, numbers.length]));
      assert.deepEqual([lengths.get(acme), lengths.get(other), lengths.get(noOrganisation)], [10, 2, 5]);
      for (const numbers of chains.values())
        assert.deepEqual(
          numbers,
          [...numbers.keys()].map((index) => index + 1),
          "without gaps",
        );

      const gone = await scene.createReady(ann.id);
      await store.purgeFile({ fileId: gone.id, revision: 1, actor: "system" });
      await store.deleteAlbum({ albumId: "album", revision: 1, actor: "system" });
      await store.endArchives({ limit: 1, ownerId: ann.id });
      await linkAll(scene);
      for (const { action, link } of (await scene.auditEvents()).slice(-3))
        assert.equal(link?.chain, acme, `${action}: what is gone was its owner's`);

      await scene.newOwner({ ...identity, organisation: "Third" });
      await linkAll(scene);
      const before = await scene.auditEvents();
      await store.trashFile({ fileId: file.id, revision: 2, actor: "system" });
      await linkAll(scene);
      const after = await scene.auditEvents();
      assert.deepEqual(after.slice(0, -1), before);
      assert.deepEqual(after.at(-1)?.link?.number, 2, "behind its change of the organisation");
    },
  },
  {
    name: "lets one sequencer take audit events at a time, and changes nothing for one that wakes late",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      await scene.createReady(owner.id);
      const first = await take(scene, 2);
      await scene.unchanged(async () => {
        const other = { sequencerId: "second", leaseMs, limit: 10 };
        assert.deepEqual(await store.takeUnchainedAuditEvents(other), { outcome: "held" });
      });
      clock.advance(leaseMs);
      const second = await take(scene, 3, "second");
      assert.deepEqual(second.events.slice(0, 2), first.events, "it begins where the first one did");
      await scene.unchanged(async () =>
        assert.equal(await store.linkAuditEvents(first.command), "stale", "it has lost its lease"),
      );
      assert.equal(await store.linkAuditEvents(second.command), "linked");
      await scene.unchanged(async () => {
        assert.equal(await store.linkAuditEvents(first.command), "stale");
        assert.equal(await store.linkAuditEvents(second.command), "stale", "once is enough");
      });
      await scene.unchanged(async () => {
        const other = { sequencerId, leaseMs, limit: 10 };
        assert.deepEqual(await store.takeUnchainedAuditEvents(other), { outcome: "held" }, "there is more");
      });
      clock.advance(leaseMs);
      const third = await take(scene, 1);
      assert.equal(third.events[0]?.sequence, (second.events.at(-1)?.sequence ?? 0) + 1);
      assert.deepEqual(third.heads, await store.listAuditChainHeads());
      await scene.unchanged(async () => assert.equal(await store.linkAuditEvents(second.command), "stale"));
    },
  },
  {
    name: "lets a sequencer go on under its lease, renews it before it ends, and lets another in once all is linked",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      await scene.createReady(owner.id);
      const asSecond = () => store.takeUnchainedAuditEvents({ sequencerId: "second", leaseMs, limit: 10 });
      assert.equal(await store.linkAuditEvents((await take(scene, 1)).command), "linked");
      clock.advance(leaseMs / 2);
      await scene.unchanged(async () => {
        const { command } = await take(scene, 1);
        assert.equal(command.links[0]?.number, 2);
        assert.equal((await asSecond()).outcome, "held");
      });
      clock.advance(1);
      await take(scene, 1);
      clock.advance(leaseMs - 1);
      assert.equal((await asSecond()).outcome, "held", "it was renewed");
      await linkAll(scene);
      await scene.createReady(owner.id);
      assert.equal((await asSecond()).outcome, "taken");
    },
  },
  {
    name: "lets another sequencer in where a lease seems to end later than any does: the clock was set back",
    async run(scene) {
      const { store, clock } = scene;
      await scene.createReady((await scene.newOwner()).id);
      await take(scene, 1);
      const other = { sequencerId: "second", leaseMs, limit: 1 };
      clock.advance(leaseMs - longestSequencerLeaseMs);
      assert.equal((await store.takeUnchainedAuditEvents(other)).outcome, "held");
      clock.advance(-1);
      assert.equal((await store.takeUnchainedAuditEvents(other)).outcome, "taken");
    },
  },
  {
    name: "lists linked audit events from the newest back, of all, of a target, or of who did it",
    async run(scene) {
      const { store, clock } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      const file = await scene.createReady(ann.id);
      const other = await scene.createReady(bob.id);
      for (const [owner, { id: fileId }] of [
        [ann, file],
        [bob, other],
      ] as const) {
        clock.advance(minuteMs);
        const command = { fileId, actor: { principalId: owner.id } };
        await store.changeFile({ ...command, revision: 1, change: { name: "b" } });
        await store.trashFile({ ...command, revision: 2 });
      }
      assert.deepEqual(await store.listAuditEventsBack({ limit: 10 }), [], "none has a link yet");
      await linkAll(scene);
      const all = (await scene.auditEvents()).reverse();
      for (const [query, expected] of [
        [{}, all],
        [{ targetId: file.id }, all.filter(({ targetId }) => targetId === file.id)],
        [{ actorId: bob.id }, all.filter(({ actor }) => actor === bob.id)],
        [{ actorId: "system" }, all.filter(({ actor }) => actor === "system")],
        [{ targetId: "nothing" }, []],
      ] as const) {
        const whole = await store.listAuditEventsBack({ ...query, limit: 201 });
        assert.deepEqual(whole, expected);
        const read: AuditEventRecord[] = [];
        for (;;) {
          const before = read.at(-1)?.sequence;
          const page = await store.listAuditEventsBack({ ...query, ...(before && { before }), limit: 2 });
          if (page.length === 0) break;
          read.push(...page);
        }
        assert.deepEqual(idsOf(read), idsOf(expected), "pages join");
      }
    },
  },
  {
    name: "lists no audit event of what an album seals before its reveal, of what is gone since neither, and all of them after",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const actor = { principalId: owner.id };
      const albumId = scene.newId();
      const revealAtMs = clock.nowMs() + minuteMs;
      await store.createAlbum({ id: albumId, ownerId: owner.id, name: "Party", revealAtMs });
      const kept = await scene.createReady(owner.id, { albumId });
      const gone = await scene.createReady(owner.id, { albumId });
      await store.purgeFile({ fileId: gone.id, revision: 1, actor });
      await linkAll(scene);
      const told = () => store.listAuditEventsBack({ limit: 201 });
      assert.deepEqual(
        (await told()).map(({ action }) => action),
        ["album.created"],
      );
      const verification = createAuditVerification({ sha256: sha256Of, checkpoints: [] });
      for (const event of await scene.auditEvents()) {
        assert.equal(event.sealedBy, event.action === "album.created" ? undefined : albumId);
        verification.add(event);
      }
      assert.deepEqual(verification.end().faults, [], "the seal is in the hash");
      assert.deepEqual(await store.listAuditEventsBack({ targetId: gone.id, limit: 10 }), []);
      assert.equal((await store.listAuditEventsBack({ actorId: owner.id, limit: 10 })).length, 1);
      assert.equal((await scene.auditEvents()).length, 2 + 2 * 4, "whoever has the data has them all");

      assert.equal((await store.revealAlbum({ albumId, actor })).outcome, "revealed");
      await store.unsealFiles({ albumId, limit: 10 });
      await linkAll(scene);
      assert.deepEqual(await told(), (await scene.auditEvents()).reverse());
      assert.equal((await store.listAuditEventsBack({ targetId: gone.id, limit: 10 })).length, 1);
      await store.trashFile({ fileId: kept.id, revision: 2, actor });
      assert.equal((await store.deleteAlbum({ albumId, revision: 2, actor })).outcome, "done");
      await linkAll(scene);
      assert.deepEqual(await told(), (await scene.auditEvents()).reverse(), "once told it is told");
    },
  },
  {
    name: "never lists audit events of what an album had sealed that was deleted before its reveal",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const actor = { principalId: owner.id };
      const albumId = scene.newId();
      const revealAtMs = clock.nowMs() + minuteMs;
      await store.createAlbum({ id: albumId, ownerId: owner.id, name: "Party", revealAtMs });
      const gone = await scene.createReady(owner.id, { albumId });
      await store.purgeFile({ fileId: gone.id, revision: 1, actor });
      assert.equal((await store.deleteAlbum({ albumId, revision: 1, actor })).outcome, "done");
      await linkAll(scene);
      clock.advance(2 * minuteMs);
      assert.deepEqual(
        (await store.listAuditEventsBack({ limit: 201 })).map(({ action }) => action),
        ["album.deleted", "album.created"],
      );
    },
  },
];

import assert from "node:assert/strict";
import type { DelegationBounds } from "../delegation.ts";
import type { PrincipalRecord } from "../principal.ts";
import type { MintDelegation } from "./delegation-commands.ts";
import { idsOf, type MetadataStoreCase, minuteMs, type Scene } from "./metadata-store-case.contract.ts";

const commandOf = (
  scene: Scene,
  { id: personId }: Pick<PrincipalRecord, "id">,
  o: Partial<MintDelegation> = {},
) => ({
  id: scene.newId(),
  personId,
  byTokenOfMs: scene.clock.nowMs(),
  scopes: ["uploads:write"] as const,
  bounds: {},
  lifetimeMs: 60 * minuteMs,
  maxPerPerson: 100,
  ...o,
});

async function mint(scene: Scene, person: Pick<PrincipalRecord, "id">, o: Partial<MintDelegation> = {}) {
  const result = await scene.store.mintDelegation(commandOf(scene, person, o));
  assert.equal(result.outcome, "minted");
  return result.delegation;
}

const outcomeOf = async (
  scene: Scene,
  person: Pick<PrincipalRecord, "id">,
  o: Partial<MintDelegation> = {},
) => (await scene.store.mintDelegation(commandOf(scene, person, o))).outcome;

const listOf = (scene: Scene, { id: personId }: Pick<PrincipalRecord, "id">) =>
  scene.store.listDelegations({ personId, limit: 201 });

/** What was sent by a token, as its list shows it. */
async function sentBy(scene: Scene, person: PrincipalRecord, id: string) {
  const found = (await listOf(scene, person)).find((each) => each.id === id);
  return found && { files: found.sentFiles, bytes: found.sentBytes };
}

async function newAlbum(scene: Scene, ownerId: string): Promise<string> {
  const id = scene.newId();
  await scene.store.createAlbum({ id, ownerId, name: "Trip" });
  return id;
}

const allBounds: DelegationBounds = {
  ...{ profile: "default", metadata: { step: "1", "Ann's": "'\"\\" }, maxFiles: 3, maxBytes: 2 ** 50 },
};

export const delegationCases: readonly MetadataStoreCase[] = [
  {
    name: "keeps what a person delegated as it was minted, audits it once, and finds it until its end",
    async run(scene) {
      const { store, clock } = scene;
      const ann = await scene.newOwner({ organisation: "Acme" });
      const albumId = await newAlbum(scene, ann.id);
      const bounds = { ...allBounds, albumId };
      const command = commandOf(scene, ann, { bounds, scopes: ["uploads:write"] });
      const { id, scopes } = command;
      const mintedAtMs = clock.nowMs();
      const endsAtMs = mintedAtMs + command.lifetimeMs;
      const detail = JSON.stringify({
        ...{ tokenId: id, scopes, endsAt: new Date(endsAtMs).toISOString(), profile: "default", albumId },
        ...{ maxFiles: 3, maxBytes: 2 ** 50 },
      });
      const told = (event: { readonly detail?: string }) => JSON.parse(event.detail ?? "");
      const before = await scene.auditEvents();
      const result = await store.mintDelegation(command);
      const [event, ...more] = (await scene.auditEvents()).slice(before.length);
      assert.ok(event && more.length === 0);
      assert.deepEqual(told(event), JSON.parse(detail));
      assert.deepEqual([event.actor, event.action, event.targetId], [ann.id, "capability.minted", ann.id]);
      const delegation = {
        ...{ id, personId: ann.id, scopes, bounds, createdAtMs: mintedAtMs, endsAtMs },
        ...{ sentFiles: 0, sentBytes: 0 },
      };
      assert.deepEqual(result, { outcome: "minted", delegation });
      assert.deepEqual(await listOf(scene, ann), [delegation]);
      const holder = {
        ...{ principalId: ann.id, organisationId: ann.organisationId, scopes },
        capability: { kind: "delegation", id, scopes, bounds, mintedAtMs, endsAtMs },
      };
      assert.deepEqual(await store.findCapability(id), holder);
      clock.advance(command.lifetimeMs - 1);
      assert.deepEqual(await store.findCapability(id), holder);
      clock.advance(1);
      assert.equal(await store.findCapability(id), undefined);
      assert.deepEqual(await listOf(scene, ann), []);
    },
  },
  {
    name: "lists what one person delegated, newest first, in pages that join, and nobody else's",
    async run(scene) {
      const { store, clock } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      const made: string[] = [];
      for (const step of [0, 0, 1, 1, 2]) {
        clock.advance(step);
        made.push((await mint(scene, ann)).id);
      }
      await mint(scene, bob);
      await mint(scene, ann, { lifetimeMs: 0 });
      const all = await listOf(scene, ann);
      assert.deepEqual(idsOf(all).sort(), [...made].sort());
      const paged: string[] = [];
      for (;;) {
        const last = all.find(({ id }) => id === paged.at(-1));
        const after = last && { createdAtMs: last.createdAtMs, id: last.id };
        const page = await store.listDelegations({ personId: ann.id, limit: 2, ...(after && { after }) });
        if (page.length === 0) break;
        paged.push(...idsOf(page));
      }
      assert.deepEqual(paged, idsOf(all));
      const times = all.map(({ createdAtMs }) => createdAtMs);
      assert.deepEqual(
        times,
        [...times].sort((one, other) => other - one),
      );
    },
  },
  {
    name: "takes a token back for who minted it alone, at once, and audits it once",
    async run(scene) {
      const { store } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      const [one, other] = [await mint(scene, ann), await mint(scene, ann)];
      const revoke = (id: string, { id: personId }: PrincipalRecord) =>
        store.revokeDelegation({ id, personId });
      assert.equal(await scene.unchanged(() => revoke(one.id, bob)), false);
      assert.ok(await store.findCapability(one.id));
      const detail = JSON.stringify({ tokenId: one.id });
      const expected = { actor: ann.id, action: "capability.revoked", targetId: ann.id, detail } as const;
      assert.equal(await scene.audited(expected, () => revoke(one.id, ann)), true);
      assert.equal(await store.findCapability(one.id), undefined);
      assert.equal(await scene.unchanged(() => revoke(one.id, ann)), false);
      assert.deepEqual(idsOf(await listOf(scene, ann)), [other.id]);
    },
  },
  {
    name: "lets exactly as many tokens of one person live as may, however many are minted at once, and counts no ended one",
    async run(scene) {
      const ann = await scene.newOwner();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => outcomeOf(scene, ann, { maxPerPerson: 3, lifetimeMs: minuteMs })),
      );
      assert.equal(outcomes.filter((outcome) => outcome === "minted").length, 3);
      assert.equal(await scene.unchanged(() => outcomeOf(scene, ann, { maxPerPerson: 3 })), "too-many");
      assert.equal(await outcomeOf(scene, await scene.newOwner(), { maxPerPerson: 3 }), "minted");
      scene.clock.advance(minuteMs);
      assert.equal(await outcomeOf(scene, ann, { maxPerPerson: 3 }), "minted");
    },
  },
  {
    name: "mints one token for a request that comes many times at once under one key, also after it is gone",
    async run(scene) {
      const ann = await scene.newOwner();
      const idempotency = { key: "k", requestDigest: "one" };
      const results = await Promise.all(
        Array.from({ length: 10 }, () => scene.store.mintDelegation(commandOf(scene, ann, { idempotency }))),
      );
      const [delegation, ...more] = await listOf(scene, ann);
      assert.ok(delegation && more.length === 0);
      const repeats = results.filter(({ outcome }) => outcome !== "minted");
      assert.equal(repeats.length, 9);
      for (const repeat of repeats) assert.deepEqual(repeat, { outcome: "repeat", delegation });
      const other = { idempotency: { key: "k", requestDigest: "two" } };
      assert.equal(await scene.unchanged(() => outcomeOf(scene, ann, other)), "key-reused");
      await scene.store.revokeDelegation({ id: delegation.id, personId: ann.id });
      const gone = await scene.store.mintDelegation(commandOf(scene, ann, { idempotency }));
      assert.deepEqual(gone, { outcome: "repeat" });
    },
  },
  {
    name: "ends all of a person's when they sign out everywhere, and mints none by a token of before",
    async run(scene) {
      const { store, clock } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      const before = await mint(scene, ann);
      const bobs = await mint(scene, bob);
      const ofMs = clock.nowMs();
      const { tokensValidFromMs } = (await store.signOutEverywhere({ principalId: ann.id })) ?? assert.fail();
      assert.equal(await store.findCapability(before.id), undefined);
      assert.deepEqual(await listOf(scene, ann), []);
      assert.ok(await store.findCapability(bobs.id));
      for (const byTokenOfMs of [ofMs, tokensValidFromMs - 1])
        assert.equal(await scene.unchanged(() => outcomeOf(scene, ann, { byTokenOfMs })), "missing");
      const after = await mint(scene, ann, { byTokenOfMs: tokensValidFromMs });
      assert.ok(await store.findCapability(after.id));
    },
  },
  {
    name: "ends all of a person's with their account, mints none for who has none, and keeps nothing of them",
    async run(scene) {
      const { store, clock } = scene;
      const ann = await scene.newOwner();
      const { id } = await mint(scene, ann, { bounds: allBounds });
      await store.deleteAccount({ principalId: ann.id });
      assert.equal(await store.findCapability(id), undefined);
      assert.deepEqual(await listOf(scene, ann), []);
      const byTokenOfMs = clock.nowMs() + minuteMs;
      for (const person of [ann, { id: scene.newId() }])
        assert.equal(await scene.unchanged(() => outcomeOf(scene, person, { byTokenOfMs })), "missing");
    },
  },
  {
    name: "ends a person's when they leave the organisation that they were of, and not when they come to be of one",
    async run(scene) {
      const { store } = scene;
      const identity = { issuer: "https://issuer.example", subject: scene.newId() };
      const asOf = (organisation?: string) =>
        scene.newOwner({ ...identity, ...(organisation === undefined ? {} : { organisation }) });
      const alone = await mint(scene, await asOf());
      const ann = await asOf("Acme");
      assert.equal((await store.findCapability(alone.id))?.organisationId, ann.organisationId);
      const acmes = await mint(scene, ann);
      assert.ok(await store.findCapability(acmes.id));
      await asOf("Other");
      assert.equal(await store.findCapability(acmes.id), undefined);
      assert.ok(await store.findCapability(alone.id));
      const others = await mint(scene, await asOf("Other"));
      await asOf();
      for (const organisation of ["Acme", "Other"]) {
        await asOf(organisation);
        for (const { id } of [acmes, others])
          assert.equal(await store.findCapability(id), undefined, "for good, also where they come back");
      }
      assert.ok(await store.findCapability(alone.id));
    },
  },
  {
    name: "binds a token to an album for who may add to it, and ends it for good once they leave or it is deleted",
    async run(scene) {
      const { store } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      const albumId = await newAlbum(scene, ann.id);
      const bounds = { albumId };
      const actor = { principalId: ann.id };
      const join = (role: "viewer" | "contributor") =>
        store.setAlbumMember({ albumId, userId: bob.id, role, actor });
      assert.equal(await scene.unchanged(() => outcomeOf(scene, bob, { bounds })), "missing");
      await join("viewer");
      assert.equal(await scene.unchanged(() => outcomeOf(scene, bob, { bounds })), "missing");
      await join("contributor");
      const [bound, free] = [await mint(scene, bob, { bounds }), await mint(scene, bob)];
      const anns = await mint(scene, ann, { bounds });
      await store.removeAlbumMember({ albumId, userId: bob.id, actor });
      assert.equal(await store.findCapability(bound.id), undefined);
      await join("contributor");
      assert.equal(await store.findCapability(bound.id), undefined, "not when they come again either");
      for (const { id } of [free, anns]) assert.ok(await store.findCapability(id));
      const { outcome } = await store.deleteAlbum({ albumId, revision: 1, actor });
      assert.equal(outcome, "done");
      assert.equal(await store.findCapability(anns.id), undefined);
      assert.ok(await store.findCapability(free.id));
    },
  },
  {
    name: "creates exactly as many of 50 concurrent uploads as a token's files or bytes allow, and audits by which it was",
    async run(scene) {
      const ann = await scene.newOwner();
      for (const bounds of [{ maxFiles: 7 }, { maxBytes: 7999 }]) {
        const { id } = await mint(scene, ann, { bounds });
        const outcomes = await Promise.all(
          Array.from({ length: 50 }, () =>
            scene.createOutcome(ann.id, { sizeBytes: 1000 }, { delegationId: id }),
          ),
        );
        assert.equal(outcomes.filter(({ outcome }) => outcome === "created").length, 7);
        for (const refused of outcomes.filter(({ outcome }) => outcome !== "created"))
          assert.deepEqual(refused, {
            outcome: "quota-exceeded",
            ...("maxFiles" in bounds
              ? { quota: "delegation-files", free: 0 }
              : { quota: "delegation-bytes", free: 999 }),
          });
        assert.deepEqual(await sentBy(scene, ann, id), { files: 7, bytes: 7000 });
        const created = (await scene.auditEvents()).filter(({ action }) => action === "upload.created");
        assert.deepEqual(JSON.parse(created.at(-1)?.detail ?? "{}"), { tokenId: id });
      }
      assert.equal((await scene.counters(ann.id)).open, 14);
    },
  },
  {
    name: "counts an upload once for its token, none that was refused, and gives none back that fails",
    async run(scene) {
      const { store } = scene;
      const ann = await scene.newOwner();
      const albumId = await newAlbum(scene, ann.id);
      const { id: delegationId } = await mint(scene, ann, { bounds: { maxFiles: 2 } });
      const sent = () => sentBy(scene, ann, delegationId);
      const create = (item: { readonly ref?: string; readonly albumId?: string }, limits = {}) =>
        scene.createOutcome(ann.id, { sizeBytes: 10, ...item }, { delegationId, ...limits });
      for (const refused of [
        () => create({}, { quotaBytes: 9 }),
        () => create({ albumId }, { quotaBytes: 9 }),
        () => create({ albumId: "none" }),
      ]) {
        assert.notEqual((await scene.unchanged(refused)).outcome, "created");
        assert.deepEqual(await sent(), { files: 0, bytes: 0 });
      }
      const first = await create({ ref: "a" });
      assert.equal(first.outcome, "created");
      assert.equal((await create({ ref: "a" })).outcome, "existing");
      assert.deepEqual(await sent(), { files: 1, bytes: 10 });
      await store.abortUpload({ uploadId: first.upload.id, actor: "system", detail: "" });
      assert.deepEqual(await sent(), { files: 1, bytes: 10 });
      assert.equal((await create({ ref: "a" })).outcome, "created");
      assert.deepEqual(await sent(), { files: 2, bytes: 20 });
      assert.equal((await scene.unchanged(() => create({}))).outcome, "quota-exceeded");
      // Their own token is bounded by nothing of that, and comes to the same upload.
      assert.equal((await scene.createOutcome(ann.id, { ref: "a", sizeBytes: 10 })).outcome, "existing");
      assert.equal((await scene.createOutcome(ann.id)).outcome, "created");
    },
  },
  {
    name: "creates nothing by a token that was taken back or has ended since it was looked at",
    async run(scene) {
      const { store, clock } = scene;
      const ann = await scene.newOwner();
      const [revoked, ended] = [await mint(scene, ann), await mint(scene, ann, { lifetimeMs: minuteMs })];
      await store.revokeDelegation({ id: revoked.id, personId: ann.id });
      clock.advance(minuteMs);
      for (const { id: delegationId } of [revoked, ended]) {
        const create = () => scene.createOutcome(ann.id, {}, { delegationId });
        assert.deepEqual(await scene.unchanged(create), { outcome: "delegation-ended" });
      }
    },
  },
  {
    name: "takes back all of one person's, whom their issuer names, or everybody's, and audits it once",
    async run(scene) {
      const { store } = scene;
      const [ann, bob, carol] = [await scene.newOwner(), await scene.newOwner(), await scene.newOwner()];
      for (const person of [ann, ann, bob, carol]) await mint(scene, person);
      const revoke = (of: Pick<PrincipalRecord, "issuer" | "subject"> | "everybody") =>
        store.revokeDelegations({
          of: of === "everybody" ? of : { issuer: of.issuer, subject: of.subject },
          actor: "system",
        });
      const event = { actor: "system", action: "capability.revoked" } as const;
      assert.equal(await scene.audited({ ...event, targetId: ann.id }, () => revoke(ann)), 2);
      assert.equal(await scene.unchanged(() => revoke(ann)), 0);
      assert.equal(await scene.unchanged(() => revoke({ ...ann, issuer: "https://other.example" })), 0);
      assert.equal((await listOf(scene, bob)).length, 1);
      assert.equal(await scene.audited({ ...event, targetId: "everybody" }, () => revoke("everybody")), 2);
      for (const person of [ann, bob, carol]) assert.deepEqual(await listOf(scene, person), []);
      assert.equal(await scene.unchanged(() => revoke("everybody")), 0);
    },
  },
  {
    name: "forgets tokens that have ended, the longest ended first, and no other",
    async run(scene) {
      const { store, clock } = scene;
      const ann = await scene.newOwner();
      for (const lifetimeMs of [3, 1, 2]) await mint(scene, ann, { lifetimeMs });
      const lasting = await mint(scene, ann);
      assert.equal(await store.forgetEndedDelegations(10), 0);
      clock.advance(3);
      assert.equal(await store.forgetEndedDelegations(2), 2);
      assert.equal(await store.forgetEndedDelegations(2), 1);
      assert.equal(await store.forgetEndedDelegations(2), 0);
      assert.ok(await store.findCapability(lasting.id));
    },
  },
];

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { LinkRecord } from "../link.ts";
import type { LinkTarget } from "../policy/principal.ts";
import type { CreateLink } from "./link-commands.ts";
import { idsOf, type MetadataStoreCase, minuteMs, type Scene } from "./metadata-store-case.contract.ts";

const limit = { maxWrong: 10, windowMs: 60 * minuteMs };

async function newFile(scene: Scene) {
  const owner = await scene.newOwner();
  const file = await scene.createReady(owner.id);
  return { owner, file, target: { kind: "file", id: file.id } as const };
}

const wish = (
  scene: Scene,
  target: LinkTarget,
  createdBy: string,
  more: Partial<CreateLink> = {},
): CreateLink => ({
  id: scene.newId(),
  target,
  createdBy,
  tokenDigest: randomBytes(32).toString("hex"),
  endsAtMs: scene.clock.nowMs() + 600 * minuteMs,
  maxPerTarget: 100,
  ...more,
});

async function newLink(scene: Scene, more: Partial<CreateLink> = {}) {
  const of = await newFile(scene);
  const command = wish(scene, of.target, of.owner.id, more);
  const made = await scene.store.createLink(command);
  assert.ok(made.outcome === "created");
  return { ...of, link: made.link, tokenDigest: command.tokenDigest };
}

const open = (scene: Scene, { id }: LinkRecord, lifetimeMs = 60 * minuteMs) => {
  const capabilityId = scene.newId();
  return scene.store
    .openLink({ id, capabilityId, lifetimeMs, ...limit })
    .then((result) => ({ ...result, capabilityId }));
};

const linksOf = (scene: Scene, target: LinkTarget) => scene.store.listLinks({ target, limit: 201 });

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

export const linkCases: readonly MetadataStoreCase[] = [
  {
    name: "keeps a link as it was made, and finds it by its token's digest alone",
    async run(scene) {
      const { owner, file, target } = await newFile(scene);
      const { tokenDigest, ...command } = wish(scene, target, owner.id, {
        passphraseHash: "kept",
        maxOpens: 3,
      });
      const { id, endsAtMs } = command;
      const detail = JSON.stringify({ linkId: id });
      const made = await scene.audited(
        { actor: owner.id, action: "link.created", targetId: file.id, detail },
        () => scene.store.createLink({ ...command, tokenDigest }),
      );
      assert.ok(made.outcome === "created");
      assert.deepEqual(made.link, {
        id,
        target,
        createdBy: owner.id,
        createdAtMs: scene.clock.nowMs(),
        endsAtMs,
        hasPassphrase: true,
        maxOpens: 3,
        opens: 0,
      });
      assert.deepEqual(await linksOf(scene, target), [made.link]);
      assert.deepEqual(await scene.store.findLinkToOpen({ tokenDigest, ...limit }), {
        link: made.link,
        passphraseHash: "kept",
      });
      for (const other of ["", id, file.id, tokenDigest.toUpperCase(), tokenDigest.slice(1)])
        assert.equal(await scene.store.findLinkToOpen({ tokenDigest: other, ...limit }), undefined);
      assert.deepEqual(await linksOf(scene, { kind: "album", id: file.id }), []);
    },
  },
  {
    name: "makes no link to what is not theirs, not there or not ready, and writes nothing then",
    async run(scene) {
      const { owner, file, target } = await newFile(scene);
      const stranger = await scene.newOwner();
      const trashed = await scene.createReady(owner.id);
      await scene.store.trashFile({ fileId: trashed.id, revision: 1, actor: "system" });
      for (const [to, by] of [
        [target, stranger.id],
        [{ kind: "file", id: trashed.id }, owner.id],
        [{ kind: "file", id: "none" }, owner.id],
        [{ kind: "album", id: file.id }, owner.id],
      ] as const)
        await scene.unchanged(async () =>
          assert.deepEqual(await scene.store.createLink(wish(scene, to, by)), { outcome: "missing" }),
        );
      assert.deepEqual(await linksOf(scene, target), []);
    },
  },
  {
    name: "lets exactly as many links that have not ended be there as may be, however many are made at once",
    async run(scene) {
      const { owner, target } = await newFile(scene);
      const short = { maxPerTarget: 5, endsAtMs: scene.clock.nowMs() + minuteMs };
      const made = await times(20, () => scene.store.createLink(wish(scene, target, owner.id, short)));
      assert.equal(made.filter(({ outcome }) => outcome === "created").length, 5);
      assert.equal(made.filter(({ outcome }) => outcome === "too-many").length, 15);
      await scene.unchanged(() => scene.store.createLink(wish(scene, target, owner.id, short)));
      scene.clock.advance(minuteMs);
      const later = await scene.store.createLink(wish(scene, target, owner.id, { maxPerTarget: 5 }));
      assert.equal(later.outcome, "created");
      const links = await linksOf(scene, target);
      assert.equal(links.length, 6);
      const pages = [
        await scene.store.listLinks({ target, limit: 4 }),
        await scene.store.listLinks({ target, limit: 4, after: links[3] ?? assert.fail() }),
      ];
      assert.deepEqual(idsOf(pages.flat()), idsOf(links));
    },
  },
  {
    name: "makes one link for a request that comes many times at once under one key, and remembers the key for a day",
    async run(scene) {
      const { store, clock } = scene;
      const { owner, target } = await newFile(scene);
      const idempotency = { key: "k", requestDigest: "same" };
      const make = (more: Partial<CreateLink> = {}) =>
        store.createLink(wish(scene, target, owner.id, { idempotency, ...more }));
      const made = await times(20, () => make());
      assert.equal(made.filter(({ outcome }) => outcome === "created").length, 1);
      const [link] = await linksOf(scene, target);
      assert.ok(link);
      for (const result of made)
        assert.equal("link" in result && result.link?.id, link.id, `${result.outcome} answers the one`);
      await scene.unchanged(async () => {
        const other = { key: "k", requestDigest: "other" };
        assert.deepEqual(await make({ idempotency: other }), { outcome: "key-reused" });
        assert.equal((await make()).outcome, "repeat");
        const ask = (more: object) => store.findRepeat({ principalId: owner.id, ...idempotency, ...more });
        assert.deepEqual(await ask({}), { outcome: "repeat", resourceId: link.id });
        assert.deepEqual(await ask(other), { outcome: "key-reused" });
        for (const unknown of [{ key: "none" }, { principalId: "nobody" }])
          assert.equal(await ask(unknown), undefined);
      });
      const another = await newFile(scene);
      const theirs = wish(scene, another.target, another.owner.id, { idempotency });
      assert.equal((await store.createLink(theirs)).outcome, "created", "a key is one principal's");

      await store.revokeLink({ id: link.id, target, actor: "system" });
      assert.deepEqual(await make(), { outcome: "repeat" });
      clock.advance(24 * 60 * minuteMs - 1);
      assert.equal(await store.forgetIdempotencyKeys(10), 0);
      clock.advance(1);
      assert.equal(await store.findRepeat({ principalId: owner.id, ...idempotency }), undefined);
      assert.equal((await make()).outcome, "created");
      assert.equal(await store.forgetIdempotencyKeys(10), 1, "the other's");
    },
  },
  {
    name: "remembers no key of a request that was refused",
    async run(scene) {
      const { owner, target } = await newFile(scene);
      const idempotency = { key: "k", requestDigest: "same" };
      const refused = wish(scene, target, owner.id, { idempotency, maxPerTarget: 0 });
      await scene.unchanged(() => scene.store.createLink(refused));
      const again = await scene.store.createLink({ ...refused, maxPerTarget: 1 });
      assert.equal(again.outcome, "created");
    },
  },
  {
    name: "gives whoever opens a link a right to what it is to, until its own end or the link's",
    async run(scene) {
      const { store, clock } = scene;
      const { link, target, file } = await newLink(scene);
      const detail = JSON.stringify({ linkId: link.id });
      const opened = await scene.audited(
        { actor: "anonymous", action: "link.opened", targetId: file.id, detail },
        () => open(scene, link),
      );
      assert.ok(opened.outcome === "opened");
      const { capabilityId, endsAtMs } = opened;
      assert.equal(endsAtMs, clock.nowMs() + 60 * minuteMs);
      assert.equal(opened.link.opens, 1);
      const holder = {
        principalId: link.id,
        scopes: ["files:read"],
        capability: { id: capabilityId, kind: "link", target, endsAtMs },
      };
      assert.deepEqual(await store.findCapability(capabilityId), holder);
      clock.advance(60 * minuteMs);
      assert.equal(await store.findCapability(capabilityId), undefined);

      clock.advance(510 * minuteMs);
      const last = await open(scene, link);
      assert.ok(last.outcome === "opened");
      assert.equal(last.endsAtMs, link.endsAtMs);
      clock.advance(30 * minuteMs);
      assert.equal(await store.findCapability(last.capabilityId), undefined);
      await scene.unchanged(async () => assert.equal((await open(scene, link)).outcome, "missing"));
    },
  },
  {
    name: "opens a link exactly as often as it may be when many open it at once",
    async run(scene) {
      const { link, target, tokenDigest } = await newLink(scene, { maxOpens: 7 });
      const results = await times(30, () => open(scene, link));
      const opened = results.filter(({ outcome }) => outcome === "opened");
      assert.equal(opened.length, 7);
      assert.ok(results.every(({ outcome }) => outcome === "opened" || outcome === "missing"));
      assert.equal((await linksOf(scene, target))[0]?.opens, 7);
      assert.equal(await scene.store.findLinkToOpen({ tokenDigest, ...limit }), undefined);
      for (const { capabilityId, outcome } of results)
        assert.equal((await scene.store.findCapability(capabilityId)) !== undefined, outcome === "opened");
    },
  },
  {
    name: "ends all that came by a link with it, at once: when it is taken back, and when its file is purged",
    async run(scene) {
      const { store } = scene;
      for (const end of ["revoked", "purged"] as const) {
        const { link, target, owner, file, tokenDigest } = await newLink(scene);
        const others = await newLink(scene);
        const { capabilityId } = await open(scene, link);
        const { capabilityId: othersId } = await open(scene, others.link);
        assert.ok(await store.findCapability(capabilityId));
        if (end === "revoked") {
          const actor = { principalId: owner.id };
          const detail = JSON.stringify({ linkId: link.id });
          const revoke = { id: link.id, target, actor };
          await scene.unchanged(async () => {
            assert.equal(await store.revokeLink({ ...revoke, target: others.target }), false);
            assert.equal(await store.revokeLink({ ...revoke, id: "none" }), false);
          });
          const expected = { actor: owner.id, action: "link.revoked", targetId: file.id, detail } as const;
          assert.equal(await scene.audited(expected, () => store.revokeLink(revoke)), true);
          assert.equal(await scene.unchanged(() => store.revokeLink(revoke)), false);
        } else await store.purgeFile({ fileId: file.id, revision: file.revision, actor: "system" });
        assert.equal(await store.findCapability(capabilityId), undefined);
        assert.equal(await store.findLinkToOpen({ tokenDigest, ...limit }), undefined);
        assert.equal((await open(scene, link)).outcome, "missing");
        assert.deepEqual(await linksOf(scene, target), []);
        assert.ok(await store.findCapability(othersId));
        assert.equal((await linksOf(scene, others.target)).length, 1);
      }
    },
  },
  {
    name: "leaves links alone where a purge is refused",
    async run(scene) {
      const { file, target } = await newLink(scene);
      await scene.store.purgeFile({ fileId: file.id, revision: 99, actor: "system" });
      assert.equal((await linksOf(scene, target)).length, 1);
    },
  },
  {
    name: "tells no more than ten of any number of tries at once that they were wrong, then opens for nobody for an hour",
    async run(scene) {
      const { store, clock } = scene;
      const { link, file, tokenDigest } = await newLink(scene, { passphraseHash: "kept" });
      const before = (await scene.auditEvents()).length;
      const first = await store.countWrongPassphrase({ id: link.id, ...limit });
      assert.deepEqual(first, { outcome: "counted" });
      assert.equal((await open(scene, link)).outcome, "opened");
      const untilMs = clock.nowMs() + 60 * minuteMs;
      clock.advance(20 * minuteMs);
      const results = await times(50, () => store.countWrongPassphrase({ id: link.id, ...limit }));
      assert.equal(results.filter(({ outcome }) => outcome === "counted").length, 9);
      for (const result of results)
        if (result.outcome !== "counted") assert.deepEqual(result, { outcome: "locked", untilMs });
      const events = (await scene.auditEvents())
        .slice(before)
        .map(({ action, targetId }) => [action, targetId]);
      assert.deepEqual(events, [
        ["link.opened", file.id],
        ["link.locked", file.id],
      ]);

      const found = () => store.findLinkToOpen({ tokenDigest, ...limit });
      assert.equal((await found())?.lockedUntilMs, untilMs);
      await scene.unchanged(async () => {
        const { capabilityId, ...shut } = await open(scene, link);
        assert.deepEqual(shut, { outcome: "locked", untilMs });
        assert.equal(await store.findCapability(capabilityId), undefined);
      });
      clock.advance(40 * minuteMs - 1);
      assert.equal((await open(scene, link)).outcome, "locked");
      clock.advance(1);
      assert.equal((await found())?.lockedUntilMs, undefined);
      assert.equal((await open(scene, link)).outcome, "opened");
      const again = await times(12, () => store.countWrongPassphrase({ id: link.id, ...limit }));
      assert.equal(again.filter(({ outcome }) => outcome === "counted").length, 10);
    },
  },
  {
    name: "locks a link for two of its windows at most when the clock is set back",
    async run(scene) {
      const { store, clock } = scene;
      const { link } = await newLink(scene, { endsAtMs: clock.nowMs() + 10_000 * minuteMs });
      clock.advance(5000 * minuteMs);
      await times(10, () => store.countWrongPassphrase({ id: link.id, ...limit }));
      assert.equal((await open(scene, link)).outcome, "locked");
      clock.advance(-61 * minuteMs);
      assert.equal((await open(scene, link)).outcome, "opened");
    },
  },
  {
    name: "counts no wrong passphrase of a link that is gone",
    async run(scene) {
      const { link } = await newLink(scene, { maxOpens: 1 });
      await open(scene, link);
      for (const id of [link.id, "none"])
        await scene.unchanged(async () =>
          assert.deepEqual(await scene.store.countWrongPassphrase({ id, ...limit }), { outcome: "missing" }),
        );
    },
  },
  {
    name: "forgets links that ended before a time, so many at once",
    async run(scene) {
      const { store, clock } = scene;
      const { owner, target } = await newFile(scene);
      for (const minutes of [1, 2, 3, 4])
        await store.createLink(
          wish(scene, target, owner.id, { endsAtMs: clock.nowMs() + minutes * minuteMs }),
        );
      clock.advance(10 * minuteMs);
      const endedBeforeMs = clock.nowMs() - 7 * minuteMs;
      assert.equal(await store.forgetEndedLinks({ endedBeforeMs, limit: 1 }), 1);
      assert.equal(await store.forgetEndedLinks({ endedBeforeMs, limit: 10 }), 1);
      assert.equal((await linksOf(scene, target)).length, 2);
    },
  },
];

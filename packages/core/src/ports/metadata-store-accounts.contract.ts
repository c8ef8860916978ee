import assert from "node:assert/strict";
import type { MetadataStoreCase } from "./metadata-store-case.contract.ts";

/** What people do with their account. */
export const accountCases: readonly MetadataStoreCase[] = [
  {
    name: "remembers from which second on a person's tokens are good, and tells who signed out since",
    run: async (scene) => {
      const { store, clock } = scene;
      const ann = await scene.newOwner();
      const bob = await scene.newOwner();
      assert.equal(ann.tokensValidFromMs, undefined);
      assert.equal(await store.findTokensValidFrom(ann), undefined);
      clock.advance(1);
      const nowMs = clock.nowMs();
      const audit = { actor: ann.id, action: "principal.signed-out", targetId: ann.id } as const;
      const ended = await scene.audited(audit, () => store.signOutEverywhere({ principalId: ann.id }));
      const tokensValidFromMs = ended?.tokensValidFromMs ?? assert.fail();
      assert.ok(
        tokensValidFromMs > nowMs && tokensValidFromMs <= nowMs + 1000 && tokensValidFromMs % 1000 === 0,
      );
      assert.equal((await store.findPrincipal(ann.id))?.tokensValidFromMs, tokensValidFromMs);
      assert.deepEqual(await store.findTokensValidFrom(ann), { tokensValidFromMs, isDeleted: false });
      assert.equal(await store.findTokensValidFrom(bob), undefined);
      assert.equal(await store.findTokensValidFrom({ ...ann, issuer: "https://other.example" }), undefined);
      assert.deepEqual(await store.listSignedOut(tokensValidFromMs - 1), [ended]);
      assert.deepEqual(await store.listSignedOut(tokensValidFromMs), []);
    },
  },
  {
    name: "ends with a sign-out or an account what an issuer with a clock ahead has issued, and believes in no clock too far ahead",
    run: async (scene) => {
      const { store, clock } = scene;
      const nowMs = clock.nowMs();
      const nextMs = (atMs: number) => (Math.floor(atMs / 1000) + 1) * 1000;
      for (const [newestMs, issuerAheadMs, validFromMs] of [
        [nowMs - 60_000, undefined, nextMs(nowMs)],
        [nowMs + 4000, undefined, nextMs(nowMs + 4000)],
        [nowMs - 60_000, 3000, nextMs(nowMs + 3000)],
        [nowMs + 4000, 3000, nextMs(nowMs + 4000)],
        [nowMs + 3600_000, 3600_000, nextMs(nowMs + 5000)],
      ] as const) {
        const newId = scene.newId();
        const identity = { issuer: "https://issuer.example", subject: newId, saidAtMs: newestMs };
        const ann = await store.ensurePrincipal({ ...identity, newId });
        const command = { principalId: ann.id, issuerAheadMs };
        const expected = { principalId: ann.id, tokensValidFromMs: validFromMs };
        assert.deepEqual(await store.signOutEverywhere(command), expected);
        assert.equal((await store.findTokensValidFrom(ann))?.tokensValidFromMs, validFromMs);
        assert.deepEqual(await store.deleteAccount(command), expected);
        assert.deepEqual(await store.findTokensValidFrom(ann), {
          tokensValidFromMs: validFromMs,
          isDeleted: true,
        });
      }
    },
  },
  {
    name: "keeps what a person signed out of when they come again, and moves it on when they sign out again",
    run: async (scene) => {
      const { store, clock } = scene;
      const ann = await scene.newOwner({ email: "ann@example.com" });
      const first = await store.signOutEverywhere({ principalId: ann.id });
      const again = await store.ensurePrincipal({ ...ann, email: "new@example.com", newId: scene.newId() });
      assert.equal(again.tokensValidFromMs, first?.tokensValidFromMs);
      clock.advance(5000);
      const second = await store.signOutEverywhere({ principalId: ann.id });
      assert.equal(second?.tokensValidFromMs, (first?.tokensValidFromMs ?? 0) + 5000);
      assert.deepEqual(await store.listSignedOut(0), [second]);
    },
  },
  {
    name: "calls a person as they say, whatever their issuer says since, until they take it back",
    run: async (scene) => {
      const { store } = scene;
      const come = (name?: string) =>
        scene.newOwner({ subject: "ann", organisation: "Acme", ...(name === undefined ? {} : { name }) });
      const ann = await come("Ann of Acme");
      const bob = await scene.newOwner();
      const albumId = scene.newId();
      await store.createAlbum({ id: albumId, ownerId: bob.id, name: "Album" });
      const tokenHash = scene.newId();
      const invite = { id: scene.newId(), albumId, tokenHash, role: "viewer", createdBy: bob.id } as const;
      await store.createAlbumInvite({ ...invite, expiresAtMs: scene.clock.nowMs() + 1000 });
      await store.acceptAlbumInvite({ tokenHash, as: { kind: "person", userId: ann.id, name: "Ann" } });
      const nameInAlbum = async () =>
        (await store.listAlbumMembers({ albumId, limit: 10 })).find(({ userId }) => userId === ann.id)?.name;
      const found = async (text: string) =>
        (await store.listPeople({ organisationId: ann.organisationId ?? "", text, limit: 10 })).map(
          ({ name }) => name,
        );
      const change = (name: string | null, revision: number) =>
        store.changeProfile({ principalId: ann.id, revision, name });

      const audit = { actor: ann.id, action: "principal.changed", targetId: ann.id } as const;
      const changed = await scene.audited(audit, () => change("Nan", 1));
      const person = { ...ann, name: "Nan", profileRevision: 2 };
      assert.deepEqual(changed, { outcome: "done", person });
      assert.deepEqual(await store.findPrincipal(ann.id), person);
      assert.deepEqual(await scene.unchanged(() => change("Other", 1)), { outcome: "stale", person });
      assert.deepEqual([await found("nan"), await found("acme"), await nameInAlbum()], [["Nan"], [], "Nan"]);
      assert.deepEqual(await come("Ann of Other"), person);
      assert.equal((await come()).name, "Nan");
      await come("Ann of Acme");
      const back = await change(null, 2);
      assert.deepEqual(back, { outcome: "done", person: { ...ann, profileRevision: 3 } });
      assert.deepEqual([await found("nan"), await found("acme")], [[], ["Ann of Acme"]]);
      assert.equal(await nameInAlbum(), "Ann of Acme");

      const cyd = await scene.newOwner({ subject: "cyd" });
      await store.changeProfile({ principalId: cyd.id, revision: 1, name: "Secret" });
      await store.acceptAlbumInvite({ tokenHash, as: { kind: "person", userId: cyd.id, name: "Secret" } });
      await store.changeProfile({ principalId: cyd.id, revision: 2, name: null });
      const members = await store.listAlbumMembers({ albumId, limit: 10 });
      assert.doesNotMatch(JSON.stringify(members), /Secret/, "also where their issuer gives them no name");
      assert.equal(members.length, 3);

      await change("Nan", 3);
      await store.deleteAccount({ principalId: ann.id });
      assert.deepEqual(await scene.unchanged(() => change("Nan", 4)), { outcome: "missing" });
      assert.doesNotMatch(JSON.stringify(await store.findPrincipal(ann.id)), /Nan/);
      assert.equal((await come()).name, undefined, "somebody new");
    },
  },
  {
    name: "signs nobody out whom it does not know",
    run: async (scene) => {
      const unknown = await scene.unchanged(() =>
        scene.store.signOutEverywhere({ principalId: scene.newId() }),
      );
      assert.equal(unknown, undefined);
    },
  },
  {
    name: "makes of who deletes their account a row that says nothing of them, and somebody new of who comes later",
    run: async (scene) => {
      const { store, clock } = scene;
      const said = { email: "ann@example.com", name: "Ann", organisation: "Acme" };
      const ann = await scene.newOwner(said);
      const bob = await scene.newOwner();
      const audit = { actor: ann.id, action: "principal.deleted", targetId: ann.id } as const;
      const tokensValidFromMs = (Math.floor(clock.nowMs() / 1000) + 1) * 1000;
      const deleteIt = (principalId: string) => store.deleteAccount({ principalId });
      const ended = { principalId: ann.id, tokensValidFromMs };
      assert.deepEqual(await scene.audited(audit, () => deleteIt(ann.id)), ended);
      assert.equal(await scene.unchanged(() => deleteIt(ann.id)), undefined);
      assert.equal(await scene.unchanged(() => deleteIt(scene.newId())), undefined);
      const left = (await store.findPrincipal(ann.id)) ?? assert.fail();
      assert.equal(left.tokensValidFromMs, tokensValidFromMs);
      for (const value of [ann.subject, ...Object.values(said)])
        assert.ok(!JSON.stringify(left).includes(value), value);
      assert.deepEqual(await store.findTokensValidFrom(ann), { tokensValidFromMs, isDeleted: true });
      assert.equal(await store.findTokensValidFrom(bob), undefined);
      assert.deepEqual(await store.listSignedOut(0), [{ principalId: ann.id, tokensValidFromMs }]);
      const again = await scene.newOwner({ ...said, subject: ann.subject });
      assert.notEqual(again.id, ann.id);
      assert.equal(again.usedBytes, 0);
      // What was issued to the one before is not good for the one after.
      assert.deepEqual(await store.findTokensValidFrom(ann), { tokensValidFromMs, isDeleted: true });
      clock.advance(10_000);
      await store.deleteAccount({ principalId: again.id });
      const later = await store.findTokensValidFrom(ann);
      assert.deepEqual(later, { tokensValidFromMs: tokensValidFromMs + 10_000, isDeleted: true });
    },
  },
  {
    name: "lets nobody come by the name of a deleted account at our own issuer until that is removed there, and forgets the name then",
    run: async (scene) => {
      const { store, clock } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner({ issuer: "https://other.example" })];
      for (const { id } of [ann, bob]) {
        await store.deleteAccount({ principalId: id, ownIssuer: ann.issuer });
        clock.advance(1);
      }
      const { issuer, subject } = ann;
      const listed = async () =>
        (await store.listDeletedAccounts({ limit: 10 })).map(({ issuerAccount }) => issuerAccount);
      assert.deepEqual(await listed(), [{ issuer, subject }, undefined]);
      const awaited = await store.findTokensValidFrom(ann);
      assert.ok(awaited?.isDeleted && awaited.tokensValidFromMs > Date.now() * 2);
      assert.ok(((await store.findTokensValidFrom(bob))?.tokensValidFromMs ?? 0) < Date.now() * 2);
      assert.equal(await store.findTokensValidFrom({ issuer: bob.issuer, subject }), undefined);
      await store.forgetIssuerAccount(ann.id);
      assert.deepEqual(await listed(), [undefined, undefined]);
      const known = await store.findTokensValidFrom(ann);
      assert.ok(known?.isDeleted && known.tokensValidFromMs < awaited.tokensValidFromMs);
    },
  },
  {
    name: "forgets what a deleted account is called in albums, and declines invites to its verified address",
    run: async (scene) => {
      const { store } = scene;
      const bob = await scene.newOwner();
      const { id: fileId } = await scene.createReady(bob.id);
      for (const emailVerified of [true, undefined]) {
        const email = "ann@example.com";
        const ann = await scene.newOwner({ email, ...(emailVerified ? { emailVerified } : {}) });
        const albumId = scene.newId();
        await store.createAlbum({ id: albumId, ownerId: bob.id, name: "Album" });
        const tokenHash = scene.newId();
        await store.createAlbumInvite({
          id: scene.newId(),
          albumId,
          tokenHash,
          role: "viewer",
          createdBy: bob.id,
          expiresAtMs: scene.clock.nowMs() + 1000,
        });
        const as = { kind: "person", userId: ann.id, name: "Ann" } as const;
        assert.equal((await store.acceptAlbumInvite({ tokenHash, as })).outcome, "joined");
        const invited = await store.inviteToFile({
          newId: scene.newId(),
          fileId,
          email,
          emailKey: email,
          actor: { principalId: bob.id },
          lifetimeMs: 1000,
          maxInvites: 10,
        });
        assert.equal(invited.outcome, "invited");
        const namesIn = async () => JSON.stringify(await store.listAlbumMembers({ albumId, limit: 10 }));
        assert.match(await namesIn(), /Ann/);
        await store.deleteAccount({ principalId: ann.id });
        assert.doesNotMatch(await namesIn(), /Ann/);
        const left = await store.listFileInvites({ fileId, limit: 10 });
        // Of an address that was never found to be theirs, it is another's, perhaps.
        assert.equal(left.length, emailVerified ? 0 : 1);
      }
    },
  },
  {
    name: "takes grants to a person back, some at a time, whatever the state of the files",
    run: async (scene) => {
      const { store } = scene;
      const [ann, bob, eve] = [await scene.newOwner(), await scene.newOwner(), await scene.newOwner()];
      const fileIds: string[] = [];
      for (let count = 0; count < 3; count += 1) {
        const { id: fileId } = await scene.createReady(ann.id);
        for (const { id: userId } of [bob, eve])
          await store.grantFile({ fileId, userId, actor: { principalId: ann.id }, maxGrants: 10 });
        fileIds.push(fileId);
      }
      const [first = ""] = fileIds;
      const revision = (await store.findFile(first))?.revision ?? 0;
      await store.trashFile({ fileId: first, revision, actor: { principalId: ann.id } });
      assert.equal(await store.revokeGrantsTo({ userId: bob.id, limit: 2 }), 2);
      assert.equal(await store.revokeGrantsTo({ userId: bob.id, limit: 2 }), 1);
      assert.equal(await store.revokeGrantsTo({ userId: bob.id, limit: 2 }), 0);
      for (const fileId of fileIds) {
        const grants = await store.listGrants({ fileId, limit: 10 });
        assert.deepEqual(
          grants.map(({ userId }) => userId),
          [eve.id],
        );
      }
      const list = { by: "audience", audience: `u:${bob.id}` } as const;
      assert.deepEqual(await store.listFiles({ ownerId: bob.id, list, limit: 10 }), []);
    },
  },
  {
    name: "lets nobody in any more by what a deleted account invited with, before any of it is taken away",
    run: async (scene) => {
      const { store, clock } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      const albumId = scene.newId();
      await store.createAlbum({ id: albumId, ownerId: bob.id, name: "Album" });
      await store.setAlbumMember({ albumId, userId: ann.id, role: "owner", actor: { principalId: bob.id } });
      const { id: fileId } = await scene.createReady(ann.id);
      const endsAtMs = clock.nowMs() + 1_000_000;
      const email = "dan@example.com";
      const invited = await store.inviteToFile({
        newId: scene.newId(),
        fileId,
        email,
        emailKey: email,
        actor: { principalId: ann.id },
        lifetimeMs: 1_000_000,
        maxInvites: 10,
      });
      assert.ok(invited.outcome === "invited");
      const limit = { maxWrong: 10, windowMs: 1000 };
      const waysOf = async (createdBy: string) => {
        const [invite, link, rightId] = [scene.newId(), scene.newId(), scene.newId()];
        const album = { albumId, role: "viewer", createdBy, expiresAtMs: endsAtMs } as const;
        await store.createAlbumInvite({ ...album, id: scene.newId(), tokenHash: invite });
        const target = { kind: "album", id: albumId } as const;
        const made = { id: link, target, createdBy, tokenDigest: link, endsAtMs, maxPerTarget: 10 };
        assert.equal((await store.createLink(made)).outcome, "created");
        const open = { id: link, capabilityId: rightId, lifetimeMs: 1000, ...limit };
        assert.equal((await store.openLink(open)).outcome, "opened");
        return { invite, link, rightId };
      };
      const letsIn = async ({ invite, link, rightId }: Awaited<ReturnType<typeof waysOf>>) => {
        const as = { kind: "person", userId: scene.newId() } as const;
        const right = { id: scene.newId(), scopes: [] };
        const guest = { kind: "guest", newId: scene.newId(), name: "Cy", right } as const;
        const open = { id: link, capabilityId: scene.newId(), lifetimeMs: 1000, ...limit };
        return [
          (await store.findAlbumInvite(invite)) !== undefined,
          (await store.acceptAlbumInvite({ tokenHash: invite, as })).outcome === "joined",
          (await store.acceptAlbumInvite({ tokenHash: invite, as: guest })).outcome === "joined",
          (await store.findLinkToOpen({ tokenDigest: link, ...limit })) !== undefined,
          (await store.countWrongPassphrase({ id: link, ...limit })).outcome === "counted",
          (await store.openLink(open)).outcome === "opened",
          (await store.findCapability(rightId)) !== undefined,
        ];
      };
      const [anns, bobs] = [await waysOf(ann.id), await waysOf(bob.id)];
      assert.deepEqual(new Set(await letsIn(anns)), new Set([true]));
      assert.equal((await store.listInvitesFor({ emailKey: email, limit: 10 })).length, 1);
      await store.deleteAccount({ principalId: ann.id });
      assert.deepEqual(new Set(await scene.unchanged(() => letsIn(anns))), new Set([false]));
      assert.deepEqual(new Set(await letsIn(bobs)), new Set([true]));
      assert.deepEqual(await store.listInvitesFor({ emailKey: email, limit: 10 }), []);
      const accept = { inviteId: invited.invite.id, emailKey: email, userId: bob.id, maxGrants: 10 };
      assert.equal((await scene.unchanged(() => store.acceptInvite(accept))).outcome, "missing");
    },
  },
  {
    name: "lists whose account was deleted until nothing of it is left",
    run: async (scene) => {
      const { store, clock } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      const deletedAtMs = clock.nowMs();
      await store.deleteAccount({ principalId: ann.id });
      clock.advance(1);
      await store.deleteAccount({ principalId: bob.id });
      const both = [
        { principalId: ann.id, deletedAtMs },
        { principalId: bob.id, deletedAtMs: deletedAtMs + 1 },
      ];
      const [first] = both;
      assert.deepEqual(await store.listDeletedAccounts({ limit: 10 }), both);
      assert.deepEqual(await store.listDeletedAccounts({ limit: 1 }), [first]);
      assert.deepEqual(
        await store.listDeletedAccounts({ limit: 1, ...(first && { after: first }) }),
        both.slice(1),
      );
      const audit = { actor: "system", action: "principal.erased", targetId: ann.id } as const;
      await scene.audited(audit, () => store.forgetAccount(ann.id));
      await scene.unchanged(() => store.forgetAccount(ann.id));
      assert.deepEqual(await store.listDeletedAccounts({ limit: 10 }), both.slice(1));
    },
  },
  {
    name: "leaves of ended uploads that are erased no word of what was sent, and others as they are",
    run: async (scene) => {
      const { store } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      const item = { name: "secret.jpg", metadata: { to: "secret" }, ref: "secret-ref" };
      const aborted = await scene.createAborted(ann.id, item);
      const pending = await scene.create(ann.id, { ...item, ref: "other" });
      const others = await scene.createAborted(bob.id, item);
      const before = await scene.upload(pending.id);
      const uploadIds = [aborted.id, pending.id, others.id];
      await store.eraseUploads({ ownerId: ann.id, uploadIds });
      const { ref: _, ...kept } = aborted;
      assert.deepEqual(await scene.upload(aborted.id), { ...kept, name: "", metadata: {} });
      assert.deepEqual(await store.listUploadEvents(aborted.id), []);
      assert.deepEqual(await scene.upload(pending.id), before);
      assert.equal((await scene.upload(others.id)).name, "secret.jpg");
      const again = await scene.createOutcome(ann.id, item);
      assert.equal(again.outcome, "created", "its ref names nothing any more");
    },
  },
];

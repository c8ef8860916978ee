import assert from "node:assert/strict";
import type { FilePosition } from "../file-lists/file-list.ts";
import { foundPersonTerm } from "../person-terms.ts";
import { idsOf, type MetadataStoreCase, minuteMs, type Scene } from "./metadata-store-case.contract.ts";

const lifetimeMs = 30 * minuteMs;
const limits = { maxInvites: 2, lifetimeMs };
const bob = { email: "Bob@Example.com ", emailKey: "bob@example.com" };

const invite = async (scene: Scene, fileId: string, over: object = {}) => {
  const command = { newId: scene.newId(), fileId, ...bob, actor: "system", ...limits, ...over } as const;
  const result = await scene.store.inviteToFile(command);
  assert.ok(result.outcome === "invited", result.outcome);
  return result.invite;
};

const invitesOf = (scene: Scene, fileId: string) => scene.store.listFileInvites({ fileId, limit: 201 });

const invitesFor = async (scene: Scene, emailKey = bob.emailKey) =>
  (await scene.store.listInvitesFor({ emailKey, limit: 201 })).map((each) => each.invite.id);

export const inviteCases: readonly MetadataStoreCase[] = [
  {
    name: "invites an address to a ready file, once, and again with another end",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const command = { newId: scene.newId(), fileId: file.id, ...bob, actor: "system", ...limits } as const;
      const expected = {
        id: command.newId,
        fileId: file.id,
        ...bob,
        createdAtMs: clock.nowMs(),
        expiresAtMs: clock.nowMs() + lifetimeMs,
      };
      const event = {
        actor: "system",
        action: "file.invited",
        targetId: file.id,
        detail: JSON.stringify({ inviteId: command.newId }),
      } as const;
      assert.deepEqual(await scene.audited(event, () => store.inviteToFile(command)), {
        outcome: "invited",
        invite: expected,
      });
      clock.advance(1);
      const renewed = {
        ...expected,
        createdAtMs: clock.nowMs(),
        expiresAtMs: clock.nowMs() + lifetimeMs,
        grantEndsAtMs: clock.nowMs() + 5,
      };
      assert.deepEqual(
        await scene.audited(event, () =>
          store.inviteToFile({ ...command, newId: scene.newId(), grantEndsAtMs: renewed.grantEndsAtMs }),
        ),
        { outcome: "invited", invite: renewed },
      );
      assert.deepEqual(await invitesOf(scene, file.id), [renewed]);
      assert.deepEqual(await store.listInvitesFor({ emailKey: bob.emailKey, limit: 10 }), [
        { invite: renewed, file: { id: file.id, ownerId: owner.id, name: file.name } },
      ]);
      assert.deepEqual(await invitesFor(scene, "carol@example.com"), []);
    },
  },
  {
    name: "refuses invites beyond as many as a file may have, and to what is not ready or not there",
    async run(scene) {
      const { store } = scene;
      const file = await scene.createReady((await scene.newOwner()).id);
      const first = await invite(scene, file.id, { emailKey: "a" });
      await invite(scene, file.id, { emailKey: "b" });
      const refused = (over: object = {}) =>
        scene.unchanged(() =>
          store.inviteToFile({
            newId: scene.newId(),
            fileId: file.id,
            ...bob,
            actor: "system",
            ...limits,
            ...over,
          }),
        );
      assert.deepEqual(await refused(), { outcome: "too-many" });
      const withdrawn = { fileId: file.id, inviteId: first.id, actor: "system" } as const;
      const event = {
        actor: "system",
        action: "file.invite-withdrawn",
        targetId: file.id,
        detail: JSON.stringify({ inviteId: first.id }),
      } as const;
      assert.equal(
        await scene.unchanged(() => store.withdrawFileInvite({ ...withdrawn, fileId: "x" })),
        false,
      );
      assert.equal(await scene.audited(event, () => store.withdrawFileInvite(withdrawn)), true);
      assert.equal(await scene.unchanged(() => store.withdrawFileInvite(withdrawn)), false);
      await invite(scene, file.id);
      await store.trashFile({ fileId: file.id, revision: 1, actor: "system" });
      assert.deepEqual(await refused(), { outcome: "not-ready", file: await scene.file(file.id) });
      assert.deepEqual(await refused({ fileId: "none" }), { outcome: "missing" });
      assert.deepEqual(await invitesFor(scene), [], "nobody is shown what is in the trash");
      await store.purgeFile({ fileId: file.id, revision: 2, actor: "system" });
      assert.deepEqual(await invitesOf(scene, file.id), []);
    },
  },
  {
    name: "makes a grant of an invite for whoever has the address, once",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const grantEndsAtMs = clock.nowMs() + minuteMs;
      const { id: inviteId } = await invite(scene, file.id, { grantEndsAtMs });
      const accept = { inviteId, emailKey: bob.emailKey, userId: "bob", maxGrants: 1 };
      for (const wrong of [{ emailKey: "eve@example.com" }, { inviteId: "none" }, { userId: owner.id }])
        assert.deepEqual(await scene.unchanged(() => store.acceptInvite({ ...accept, ...wrong })), {
          outcome: "missing",
        });
      const event = {
        actor: "bob",
        action: "file.granted",
        targetId: file.id,
        detail: JSON.stringify({ userId: "bob", endsAt: grantEndsAtMs, inviteId }),
      } as const;
      const grant = {
        fileId: file.id,
        userId: "bob",
        grantedAtMs: clock.nowMs(),
        endsAtMs: grantEndsAtMs,
        invitedAs: bob.email,
      };
      assert.deepEqual(await scene.audited(event, () => store.acceptInvite(accept)), {
        outcome: "accepted",
        grant,
      });
      assert.deepEqual(await store.listGrants({ fileId: file.id, limit: 10 }), [grant]);
      assert.deepEqual(await invitesOf(scene, file.id), []);
      assert.deepEqual(await scene.unchanged(() => store.acceptInvite(accept)), { outcome: "missing" });
      const { id: second } = await invite(scene, file.id, { emailKey: "carol" });
      const carols = { inviteId: second, emailKey: "carol", userId: "carol", maxGrants: 1 };
      assert.deepEqual(await scene.unchanged(() => store.acceptInvite(carols)), { outcome: "too-many" });
      clock.advance(1);
      const again = await invite(scene, file.id);
      const renewed = await store.acceptInvite({ ...accept, inviteId: again.id });
      assert.ok(renewed.outcome === "accepted");
      assert.equal(renewed.grant.endsAtMs, undefined, "it has the end of the last invite");
    },
  },
  {
    name: "gives nothing back by an older invite that was taken back or has run out since",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      for (const end of ["revoked", "ended", "forgotten"] as const) {
        const file = await scene.createReady(owner.id);
        const of = { fileId: file.id, userId: "bob", actor: "system", maxGrants: 9 } as const;
        const { id: inviteId } = await invite(scene, file.id);
        const accept = { inviteId, emailKey: bob.emailKey, userId: "bob", maxGrants: 9 };
        clock.advance(1);
        await store.grantFile({ ...of, ...(end === "revoked" ? {} : { endsAtMs: clock.nowMs() + 5 }) });
        clock.advance(5);
        if (end === "revoked") assert.equal(await store.revokeGrant(of), true);
        if (end === "forgotten")
          assert.equal(await store.forgetEndedGrants({ glassEndedBeforeMs: 0, limit: 9 }), 1);
        const refused = await scene.unchanged(() => store.acceptInvite(accept));
        assert.deepEqual(refused, { outcome: "missing" }, end);
        const carols = await scene.unchanged(() => store.acceptInvite({ ...accept, emailKey: "carol" }));
        assert.deepEqual(carols, { outcome: "missing" });
        clock.advance(1);
        assert.equal((await invite(scene, file.id)).id, inviteId);
        assert.equal((await store.acceptInvite(accept)).outcome, "accepted", "invited again after that");
      }
    },
  },
  {
    name: "gives nothing back by an invite of before that was dated by a clock which was ahead, and something by one of after",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const of = { fileId: file.id, userId: "bob", actor: "system", maxGrants: 9 } as const;
      clock.advance(20 * minuteMs);
      const { id: inviteId } = await invite(scene, file.id);
      clock.advance(-20 * minuteMs);
      await store.grantFile(of);
      assert.equal(await store.revokeGrant(of), true);
      const accept = { inviteId, emailKey: bob.emailKey, userId: "bob", maxGrants: 9 };
      assert.deepEqual(await scene.unchanged(() => store.acceptInvite(accept)), { outcome: "missing" });
      assert.equal((await invite(scene, file.id)).id, inviteId);
      assert.equal((await store.acceptInvite(accept)).outcome, "accepted");
    },
  },
  {
    name: "keeps by an older invite what was set since, that end or another",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      for (const changes of ["another end", "the same end again"] as const) {
        const file = await scene.createReady(owner.id);
        const endsAtMs = clock.nowMs() + minuteMs;
        const grant = { fileId: file.id, userId: "bob", actor: "system", maxGrants: 9, endsAtMs } as const;
        if (changes === "the same end again") await store.grantFile(grant);
        clock.advance(1);
        const { id: inviteId } = await invite(scene, file.id);
        clock.advance(1);
        const set = await store.grantFile(grant);
        assert.ok(set.outcome === "granted", changes);
        clock.advance(1);
        const accept = { inviteId, emailKey: bob.emailKey, userId: "bob", maxGrants: 9 };
        const event = {
          actor: "bob",
          action: "file.granted",
          targetId: file.id,
          detail: JSON.stringify({ userId: "bob", endsAt: endsAtMs, inviteId }),
        } as const;
        assert.deepEqual(await scene.audited(event, () => store.acceptInvite(accept)), {
          outcome: "accepted",
          grant: set.grant,
        });
        assert.deepEqual(await store.listGrants({ fileId: file.id, limit: 9 }), [set.grant]);
        assert.deepEqual(await invitesOf(scene, file.id), []);
      }
    },
  },
  {
    name: "takes no invite any more whose time is up, whose right has ended, or whose file is in the trash",
    async run(scene) {
      const { store, clock } = scene;
      const owner = await scene.newOwner();
      const [file, other] = [await scene.createReady(owner.id), await scene.createReady(owner.id)];
      const { id: inviteId } = await invite(scene, file.id);
      const ended = await invite(scene, other.id, { grantEndsAtMs: clock.nowMs() + 1 });
      const accept = { emailKey: bob.emailKey, userId: "bob", maxGrants: 9 };
      clock.advance(1);
      const refused = (id: string) => scene.unchanged(() => store.acceptInvite({ ...accept, inviteId: id }));
      assert.deepEqual(await refused(ended.id), { outcome: "missing" });
      await store.trashFile({ fileId: file.id, revision: 1, actor: "system" });
      assert.deepEqual(await refused(inviteId), { outcome: "missing" });
      await store.restoreFile({ fileId: file.id, revision: 2, actor: "system" });
      assert.deepEqual((await invitesFor(scene)).sort(), [inviteId, ended.id].sort());
      assert.equal(await scene.unchanged(() => store.forgetEndedInvites(10)), 0);
      clock.advance(lifetimeMs);
      assert.deepEqual(await refused(inviteId), { outcome: "missing" });
      const decline = { inviteId, emailKey: bob.emailKey, actor: "system" } as const;
      assert.equal(await scene.unchanged(() => store.declineInvite(decline)), false);
      assert.deepEqual(await invitesFor(scene), []);
      assert.equal(await store.forgetEndedInvites(1), 1);
      assert.equal(await store.forgetEndedInvites(10), 1);
      assert.deepEqual(await invitesOf(scene, file.id), []);
    },
  },
  {
    name: "declines an invite for whoever has the address",
    async run(scene) {
      const { store } = scene;
      const file = await scene.createReady((await scene.newOwner()).id);
      const { id: inviteId } = await invite(scene, file.id);
      const command = { inviteId, emailKey: bob.emailKey, actor: { principalId: "bob" } };
      const wrong = { ...command, emailKey: "eve@example.com" };
      assert.equal(await scene.unchanged(() => store.declineInvite(wrong)), false);
      const event = {
        actor: "bob",
        action: "file.invite-declined",
        targetId: file.id,
        detail: JSON.stringify({ inviteId }),
      } as const;
      assert.equal(await scene.audited(event, () => store.declineInvite(command)), true);
      assert.equal(await scene.unchanged(() => store.declineInvite(command)), false);
      assert.deepEqual(await invitesFor(scene), []);
    },
  },
  {
    name: "finds people of an organisation by the words of their name and e-mail, page by page, each once",
    async run(scene) {
      const { store } = scene;
      const come = (subject: string, said: object, organisation?: string) =>
        scene.newOwner({ subject, ...said, ...(organisation === undefined ? {} : { organisation }) });
      const anna = await come("1", { name: "Änna Smith", email: "anna@acme.example" }, "Acme");
      const annie = await come("2", { email: "annie.smith@acme.example" }, "Acme");
      const bare = await come("3", {}, "Acme");
      await come("4", { name: "Anna Other" }, "Other");
      await come("5", { name: "Anna Nobody" });
      const { organisationId = "" } = anna;
      const find = async (text: string) => {
        const found: string[] = [];
        for (let after: FilePosition | undefined; ; ) {
          const page = await store.listPeople({
            organisationId,
            text,
            limit: 1,
            ...(after ? { after } : {}),
          });
          const [person] = page;
          if (!person) return found.sort();
          found.push(person.id);
          after = { key: foundPersonTerm(person, text) ?? "", id: person.id };
        }
      };
      assert.deepEqual(await find("ann"), [anna.id, annie.id].sort());
      assert.deepEqual(await find("ANNA s"), [anna.id]);
      assert.deepEqual(await find("smith"), [anna.id, annie.id].sort());
      assert.deepEqual(await find("acme"), [anna.id, annie.id].sort());
      assert.deepEqual(await find("mith"), []);
      await come("1", { name: "Berta" }, "Acme");
      await come("2", { email: "annie.smith@acme.example" }, "Other");
      await come("3", { name: "Anna New" }, "Acme");
      assert.deepEqual(await find("ann"), [bare.id]);
      assert.deepEqual(await find("be"), [anna.id]);
      await come("1", { name: "Berta" });
      assert.deepEqual(await find("be"), []);
      await come("1", { name: "Berta", email: "b@example.com", emailVerified: true }, "Acme");
      assert.deepEqual(await find("be"), [anna.id]);
      assert.ok(await store.deleteAccount({ principalId: anna.id }));
      assert.deepEqual(await find("be"), [], "nobody finds who deleted their account");
      const { email, emailVerified } = (await store.findPrincipal(anna.id)) ?? {};
      assert.deepEqual([email, emailVerified], [undefined, undefined]);
      const whole = await store.listPeople({ organisationId, text: "anna", limit: 201 });
      assert.deepEqual(idsOf(whole), [bare.id]);
    },
  },
  {
    name: "says of who deletes their account no more to which address they were invited",
    run: async (scene) => {
      const { store } = scene;
      const owner = await scene.newOwner();
      const file = await scene.createReady(owner.id);
      const person = await scene.newOwner();
      const { id: inviteId } = await invite(scene, file.id);
      const accept = { inviteId, emailKey: bob.emailKey, userId: person.id, maxGrants: 1 };
      assert.equal((await store.acceptInvite(accept)).outcome, "accepted");
      await store.deleteAccount({ principalId: person.id });
      const grants = await store.listGrants({ fileId: file.id, limit: 10 });
      assert.deepEqual(
        grants.map(({ userId, invitedAs }) => [userId, invitedAs]),
        [[person.id, undefined]],
      );
    },
  },
];

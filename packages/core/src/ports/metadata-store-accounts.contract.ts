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
      const ended = await scene.audited(audit, () => store.signOutEverywhere(ann.id));
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
    name: "keeps what a person signed out of when they come again, and moves it on when they sign out again",
    run: async (scene) => {
      const { store, clock } = scene;
      const ann = await scene.newOwner({ email: "ann@example.com" });
      const first = await store.signOutEverywhere(ann.id);
      const again = await store.ensurePrincipal({ ...ann, email: "new@example.com", newId: scene.newId() });
      assert.equal(again.tokensValidFromMs, first?.tokensValidFromMs);
      clock.advance(5000);
      const second = await store.signOutEverywhere(ann.id);
      assert.equal(second?.tokensValidFromMs, (first?.tokensValidFromMs ?? 0) + 5000);
      assert.deepEqual(await store.listSignedOut(0), [second]);
    },
  },
  {
    name: "signs nobody out whom it does not know",
    run: async (scene) => {
      const unknown = await scene.unchanged(() => scene.store.signOutEverywhere(scene.newId()));
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
      assert.equal(await scene.audited(audit, () => store.deleteAccount(ann.id)), true);
      assert.equal(await scene.unchanged(() => store.deleteAccount(ann.id)), false);
      assert.equal(await scene.unchanged(() => store.deleteAccount(scene.newId())), false);
      const tokensValidFromMs = (Math.floor(clock.nowMs() / 1000) + 1) * 1000;
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
      await store.deleteAccount(again.id);
      const later = await store.findTokensValidFrom(ann);
      assert.deepEqual(later, { tokensValidFromMs: tokensValidFromMs + 10_000, isDeleted: true });
    },
  },
  {
    name: "lists whose account was deleted until nothing of it is left",
    run: async (scene) => {
      const { store, clock } = scene;
      const [ann, bob] = [await scene.newOwner(), await scene.newOwner()];
      const deletedAtMs = clock.nowMs();
      await store.deleteAccount(ann.id);
      clock.advance(1);
      await store.deleteAccount(bob.id);
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

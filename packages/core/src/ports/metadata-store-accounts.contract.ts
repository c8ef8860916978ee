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
      assert.equal(await store.findTokensValidFrom(ann), tokensValidFromMs);
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
];

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { actions, allowedActions, decideAccess, visibleOwnerId } from "./decide-access.ts";

const id = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const kind = fc.constantFrom("file" as const, "upload" as const);

test("owners may do everything with what is theirs, and nobody else anything", () => {
  fc.assert(
    fc.property(id, id, kind, fc.constantFrom(...actions), (principalId, ownerId, resourceKind, action) => {
      const decision = decideAccess({ id: principalId }, action, { kind: resourceKind, ownerId });
      assert.equal(decision.allowed, principalId === ownerId);
      assert.match(decision.because, /\.$/);
    }),
  );
});

test("a list shows exactly what the predicate lets one read", () => {
  fc.assert(
    fc.property(id, fc.array(id), kind, (principalId, owners, resourceKind) => {
      const principal = { id: principalId };
      const listed = owners.filter((ownerId) => ownerId === visibleOwnerId(principal));
      const readable = owners.filter((ownerId) =>
        allowedActions(principal, { kind: resourceKind, ownerId }).includes("read"),
      );
      assert.deepEqual(listed, readable);
    }),
  );
});

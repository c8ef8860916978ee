import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { maySeeUpload, ownerIdOf } from "./decide-upload-access.ts";
import type { Principal } from "./principal.ts";

const id = fc.stringMatching(/^[a-c]{1,2}$/);

test("whoever sends an upload has to do with it, and nobody else", () => {
  fc.assert(
    fc.property(id, id, (principalId, ownerId) => {
      assert.equal(maySeeUpload({ id: principalId }, { ownerId }, 0), principalId === ownerId);
      assert.equal(ownerIdOf({ id: principalId }) === ownerId, principalId === ownerId);
    }),
  );
});

test("a guest sees their own uploads until their right ends, and a link none, whatever its id", () => {
  const guest = { id: "g", capability: { id: "c", kind: "guest", albumId: "a", endsAtMs: 10 } } as const;
  assert.equal(maySeeUpload(guest, { ownerId: "g" }, 9), true);
  assert.equal(maySeeUpload(guest, { ownerId: "g" }, 10), false);
  assert.equal(maySeeUpload(guest, { ownerId: "h" }, 9), false);
  const target = { kind: "file", id: "f" } as const;
  const link: Principal = { id: "l", capability: { id: "c", kind: "link", target, endsAtMs: 10 } };
  assert.equal(maySeeUpload(link, { ownerId: "l" }, 9), false);
});

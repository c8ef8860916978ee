import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DelegationBounds } from "../delegation.ts";
import { uploadStates } from "../upload.ts";
import { isWithinBounds, maySeeUpload, ownerIdOf, type UploadResource } from "./decide-upload-access.ts";
import type { Capability, Principal } from "./principal.ts";

const id = fc.stringMatching(/^[a-c]{1,2}$/);

const uploadOf = (upload: Partial<UploadResource> = {}): UploadResource => ({
  ...{ ownerId: "a", state: "pending", profile: "default", metadata: {}, createdAtMs: 0 },
  ...upload,
});

test("whoever sends an upload has to do with it, and nobody else", () => {
  fc.assert(
    fc.property(id, id, (principalId, ownerId) => {
      assert.equal(maySeeUpload({ id: principalId }, uploadOf({ ownerId }), 0), principalId === ownerId);
      assert.equal(ownerIdOf({ id: principalId }) === ownerId, principalId === ownerId);
    }),
  );
});

test("a guest sees their own uploads until their right ends, and a link none, whatever its id", () => {
  const guest = { id: "g", capability: { id: "c", kind: "guest", albumId: "a", endsAtMs: 10 } } as const;
  assert.equal(maySeeUpload(guest, uploadOf({ ownerId: "g" }), 9), true);
  assert.equal(maySeeUpload(guest, uploadOf({ ownerId: "g" }), 10), false);
  assert.equal(maySeeUpload(guest, uploadOf({ ownerId: "h" }), 9), false);
  const target = { kind: "file", id: "f" } as const;
  const link: Principal = { id: "l", capability: { id: "c", kind: "link", target, endsAtMs: 10 } };
  assert.equal(maySeeUpload(link, uploadOf({ ownerId: "l" }), 9), false);
});

const delegation: Capability & { readonly kind: "delegation" } = {
  ...{ id: "c", kind: "delegation", scopes: ["uploads:write"], bounds: {}, mintedAtMs: 5, endsAtMs: 10 },
};
const sender: Principal = { id: "a", capability: delegation };

test("a token to send with sees what is open, and what came to be or ended since it was minted; one that may read, all", () => {
  const reader: Principal = {
    id: "a",
    capability: { ...delegation, scopes: ["uploads:write", "files:read"] },
  };
  for (const state of uploadStates)
    for (const createdAtMs of [4, 5])
      for (const endedAtMs of [4, 5]) {
        const isOpen = state === "pending" || state === "uploaded" || state === "verifying";
        const upload = uploadOf({ state, createdAtMs, ...(isOpen ? {} : { endedAtMs }) });
        const asked = JSON.stringify(upload);
        assert.equal(maySeeUpload(sender, upload, 9), isOpen || createdAtMs === 5 || endedAtMs === 5, asked);
        assert.equal(maySeeUpload(reader, upload, 9), true, asked);
        assert.equal(maySeeUpload(sender, upload, 10), false, asked);
        assert.equal(maySeeUpload(sender, { ...upload, ownerId: "b" }, 9), false, asked);
      }
});

test("a token with bounds sees what is within them: its profile, its album, and all of its pairs", () => {
  const word = fc.constantFrom("x", "y");
  const pairs = fc.dictionary(fc.constantFrom("k", "l", "toString"), word);
  const bounds = fc.record(
    { profile: word, albumId: word, metadata: pairs, maxFiles: fc.constant(1) },
    { requiredKeys: [] },
  );
  const sent = fc
    .record({ profile: word, metadata: pairs })
    .chain((upload) =>
      fc
        .option(word, { nil: undefined })
        .map((albumId) => ({ ...upload, ...(albumId === undefined ? {} : { albumId }) })),
    );
  fc.assert(
    fc.property(bounds, sent, (bounds, upload: Pick<UploadResource, "profile" | "albumId" | "metadata">) => {
      const said: DelegationBounds = bounds;
      const expected =
        [undefined, upload.profile].includes(said.profile) &&
        [undefined, upload.albumId].includes(said.albumId) &&
        Object.entries(said.metadata ?? {}).every(
          ([name, value]) => Object.hasOwn(upload.metadata, name) && upload.metadata[name] === value,
        );
      assert.equal(isWithinBounds(said, upload), expected);
      const principal: Principal = { id: "a", capability: { ...delegation, bounds: said } };
      assert.equal(maySeeUpload(principal, uploadOf(upload), 9), expected);
    }),
  );
});

import assert from "node:assert/strict";
import { minuteMs, type Scene } from "./metadata-store-case.contract.ts";

/** Has a guest come into an album by an invite of an owner's. */
export async function enterAsGuest(
  scene: Scene,
  albumId: string,
  hostId: string,
): Promise<{ id: string; rightId: string }> {
  const { store, clock } = scene;
  const tokenHash = scene.newId();
  await store.createAlbumInvite({
    id: scene.newId(),
    albumId,
    role: "contributor",
    createdBy: hostId,
    expiresAtMs: clock.nowMs() + minuteMs,
    tokenHash,
  });
  const [newId, id] = [scene.newId(), scene.newId()];
  const as = { kind: "guest", newId, name: "Cy", right: { id, scopes: ["files:read"] } } as const;
  assert.equal((await store.acceptAlbumInvite({ tokenHash, as })).outcome, "joined");
  return { id: newId, rightId: id };
}

import assert from "node:assert/strict";
import type { MetadataStore } from "@stowage/core";
import { createOf, newItem } from "./database.testing.ts";

/** The commands over albums, each at least once with something to do. */
export async function runAlbumMethods(store: MetadataStore, ownerId: string): Promise<void> {
  const actor = { principalId: ownerId };
  await store.createAlbum({ id: "sealed", ownerId, name: "a", revealAtMs: 1, shotsPerMember: 9 });
  await store.createAlbum({ id: "plain", ownerId, name: "a" });
  const [sealed, plain, trashed] = [
    await sendToAlbum(store, ownerId, "sealed"),
    await sendToAlbum(store, ownerId, "plain"),
    await sendToAlbum(store, ownerId, "plain"),
  ];
  const pending = newItem({ albumId: "sealed" });
  await store.createUploads(createOf(ownerId, [pending, newItem({ albumId: "none" })]));
  await store.abortUpload({ uploadId: pending.id, actor: "system", detail: "" });
  await store.listDueAlbums(10);
  await store.revealAlbum({ albumId: "sealed", actor: "system", due: { clocksMs: [] } });
  await store.listUnsealingAlbums(10);
  assert.equal(await store.unsealFiles({ albumId: "sealed", fileId: sealed, limit: 1 }), 1);
  await store.unsealFiles({ albumId: "sealed", limit: 10 });
  await store.findAlbums({ principalId: ownerId, albumIds: ["sealed"] });
  await store.listAlbums({ principalId: ownerId, limit: 10 });
  await store.changeAlbum({ albumId: "plain", revision: 1, actor, change: { name: "b" } });
  await store.setAlbumMember({ albumId: "plain", userId: "b", role: "viewer", actor });
  await store.setAlbumMember({ albumId: "plain", userId: "b", role: "owner", actor });
  await store.listAlbumMembers({ albumId: "plain", limit: 10 });
  await store.removeAlbumMember({ albumId: "plain", userId: "b", actor });
  const invite = { id: "i", albumId: "plain", role: "contributor", createdBy: ownerId } as const;
  await store.createAlbumInvite({ ...invite, expiresAtMs: Number.MAX_SAFE_INTEGER, tokenHash: "t" });
  await store.listAlbumInvites("plain");
  assert.equal((await store.findAlbumInvite("t"))?.album.id, "plain");
  const as = { kind: "guest", newId: "g", name: "G", right: { id: "of-guest", scopes: [] } } as const;
  assert.equal((await store.acceptAlbumInvite({ tokenHash: "t", as })).outcome, "joined");
  const guests = { quotaBytes: 1000, quotaFiles: 10, hostQuotaBytes: 100_000 };
  const ofGuest = newItem({ albumId: "plain" });
  await store.createUploads({ ...createOf("g", [ofGuest]), guests });
  await store.createUploads({
    ...createOf("g", [newItem({ albumId: "plain" })]),
    guests: { ...guests, quotaFiles: 1 },
  });
  await store.abortUpload({ uploadId: ofGuest.id, actor: "system", detail: "" });
  await store.listEndedGuests({ limit: 10 });
  await store.listHomelessFiles({ guestId: "g", limit: 10 });
  await store.settleGuest("g");
  await store.createUploads(createOf("g", [newItem({ albumId: "plain", ref: "of-guest" })]));
  const merge = { rightId: "of-guest", userId: ownerId, quotaBytes: 0 };
  assert.equal((await store.mergeGuest(merge)).outcome, "merged");
  await store.mergeGuest(merge);
  await store.settleGuest("g");
  await store.revokeAlbumInvite({ albumId: "plain", inviteId: "i", actor });
  await store.findAlbumFile({ albumId: "plain", fileId: plain });
  await store.changeFile({ fileId: plain, revision: 1, actor, change: { albumIds: ["sealed", "plain"] } });
  await store.findFileAccess({ principalId: "b", fileIds: [plain] });
  await store.removeAlbumFile({ albumId: "sealed", fileId: plain, actor });
  await store.listAlbumCounts({ limit: 10 });
  await store.recountAlbum("plain");
  assert.equal((await store.deleteAlbum({ albumId: "plain", revision: 2, actor })).outcome, "done");
  await store.trashFile({ fileId: trashed, revision: 1, actor });
  assert.equal((await store.restoreFile({ fileId: trashed, revision: 2, actor })).outcome, "done");
  assert.equal(await store.emptyDeletedAlbums(10), 1);
}

/** Has something become ready in an album; answers the file's id. Nothing else may wait. */
export async function sendToAlbum(store: MetadataStore, ownerId: string, albumId: string): Promise<string> {
  const item = newItem({ albumId });
  await store.createUploads(createOf(ownerId, [item]));
  await store.completeUpload({ uploadId: item.id, actor: "system" });
  const claimed = await store.claimUpload({ leaseMs: 1000 });
  const facts = {
    key: `files/${item.id}`,
    sizeBytes: 10,
    sha256: "ab".repeat(32),
    contentType: "image/jpeg",
    derivatives: [],
  };
  await store.finishUpload({
    uploadId: item.id,
    attempt: claimed?.attempt ?? 0,
    dooms: [],
    result: { kind: "ready", detail: "", facts },
  });
  return item.fileId;
}

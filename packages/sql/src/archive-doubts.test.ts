import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetadataStore } from "@stowage/core";
import { makeTestFolder, newOwner, recordedStore } from "./database.testing.ts";
import { sendToAlbum } from "./run-album-methods.testing.ts";

async function packArchive(
  store: MetadataStore,
  id: string,
  ownerId: string,
  fileIds: readonly string[],
): Promise<void> {
  const request = { kind: "files", fileIds } as const;
  const keyPrefix = `archives/${id}`;
  await store.askArchive({ id, ownerId, request, keyPrefix, lifetimeMs: 1000, maxPerOwner: 9 });
  const task = (await store.claimArchive({ leaseMs: 1000 })) ?? assert.fail();
  await store.beginArchivePart({ ...task, number: 1, storeUploadId: "a", fileIds });
  const result = { kind: "made", parts: [], leftOut: [] } as const;
  await store.finishArchive({ ...task, result, lifetimeMs: 1000 });
}

/** Which were in doubt. */
async function settleDoubts(store: MetadataStore): Promise<string[]> {
  const doubted = await store.listDoubtedArchives({ limit: 10 });
  for (const { archive, doubts } of doubted) await store.settleArchive({ id: archive.id, doubts });
  return doubted.map(({ archive }) => archive.id);
}

test("whatever becomes of a file casts doubt on the archives that it is in, on nobody else's and once for each time", async () => {
  const folder = makeTestFolder();
  const { store } = recordedStore(folder.file);
  try {
    const [ann, bob] = [await newOwner(store, "ann"), await newOwner(store, "bob")];
    const actor = { principalId: ann };
    await store.createAlbum({ id: "album", ownerId: ann, name: "a" });
    await store.setAlbumMember({ albumId: "album", userId: bob, role: "viewer", actor });
    const fileId = await sendToAlbum(store, ann, "album");
    const otherId = await sendToAlbum(store, ann, "album");
    const grant = { fileId, userId: bob, actor, maxGrants: 10 };
    await store.grantFile(grant);

    await packArchive(store, "anns", ann, [fileId]);
    await packArchive(store, "bobs", bob, [fileId]);
    await packArchive(store, "other", bob, [otherId]);
    const settle = () => settleDoubts(store);
    assert.deepEqual(await settle(), ["anns", "bobs", "other"], "each is decided once more when it is made");
    assert.deepEqual(await settle(), []);

    const revision = async () => (await store.findFile(fileId))?.revision ?? 0;
    const command = async () => ({ fileId, revision: await revision(), actor });
    const grantAnew = () => store.grantFile({ ...grant, endsAtMs: Date.now() + 1e6 });
    const leave = () => store.removeAlbumMember({ albumId: "album", userId: bob, actor });
    for (const [what, change, expected] of [
      ["a shorter grant", grantAnew, ["bobs"]],
      ["a grant that is taken back", () => store.revokeGrant(grant), ["bobs"]],
      ["a member who is in the album no more", leave, ["bobs", "other"]],
      ["the trash", async () => store.trashFile(await command()), ["anns", "bobs"]],
      ["out of the trash", async () => store.restoreFile(await command()), ["anns", "bobs"]],
      [
        "another visibility",
        async () => store.changeFile({ ...(await command()), change: { audience: "private" } }),
        ["anns", "bobs"],
      ],
      [
        "taken out of the album",
        async () => store.changeFile({ ...(await command()), change: { albumIds: [] } }),
        ["anns", "bobs"],
      ],
      ["a purge", async () => store.purgeFile(await command()), ["anns", "bobs"]],
    ] as const) {
      await change();
      assert.deepEqual(await settle(), expected, what);
    }

    // What becomes of it while it is decided again is not lost.
    await store.grantFile({ ...grant, fileId: otherId });
    await store.revokeGrant({ ...grant, fileId: otherId });
    const [doubted] = await store.listDoubtedArchives({ limit: 1 });
    assert.equal(doubted?.archive.id, "other");
    await store.grantFile({ ...grant, fileId: otherId });
    await store.revokeGrant({ ...grant, fileId: otherId });
    await store.settleArchive({ id: "other", doubts: doubted.doubts });
    assert.deepEqual(await settle(), ["other"]);
  } finally {
    await store.close();
    folder.remove();
  }
});

test("who leaves their organisation casts doubt on the archives of others that what they showed to it is in, and on their own", async () => {
  const folder = makeTestFolder();
  const { store } = recordedStore(folder.file);
  try {
    const come = (subject: string, organisation?: string) =>
      store.ensurePrincipal({
        issuer: "https://issuer.example",
        subject,
        newId: `id-${subject}`,
        ...(organisation === undefined ? {} : { organisation }),
      });
    const [ann, bob] = [await come("ann", "Acme"), await come("bob", "Acme")];
    await store.createAlbum({ id: "album", ownerId: ann.id, name: "a" });
    const [shown, kept] = [
      await sendToAlbum(store, ann.id, "album"),
      await sendToAlbum(store, ann.id, "album"),
    ];
    const { revision } = (await store.findFile(shown)) ?? assert.fail();
    const audience = { kind: "organisation", organisationId: ann.organisationId ?? assert.fail() } as const;
    const actor = { principalId: ann.id };
    await store.changeFile({ fileId: shown, revision, actor, change: { audience } });
    await packArchive(store, "anns", ann.id, [kept]);
    await packArchive(store, "bobs", bob.id, [shown]);
    await packArchive(store, "other", bob.id, [kept]);
    await settleDoubts(store);
    await come("ann", "Other");
    assert.deepEqual(await settleDoubts(store), ["anns", "bobs"]);
    await come("ann");
    assert.deepEqual(await settleDoubts(store), ["anns", "bobs"]);
    await come("ann", "Acme");
    assert.deepEqual(await settleDoubts(store), [], "who joins one takes nothing from anybody");
  } finally {
    await store.close();
    folder.remove();
  }
});

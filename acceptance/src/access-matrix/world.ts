import { deleteFile } from "../harness/files.ts";
import { createUpload, emptyPromise } from "../harness/upload.ts";
import { waitUntil } from "../harness/wait-for.ts";
import { makeAlbums } from "./albums.ts";
import { comeByLink } from "./links.ts";
import {
  type AddViewer,
  nobodies,
  openRegistry,
  operatorScopes,
  type PersonViewer,
  type Viewer,
} from "./people.ts";
import { makePrograms } from "./programs.ts";
import { quarantine } from "./quarantine.ts";
import type { MadeAlbum, MadeFile } from "./rule.ts";
import { anyRevision, must, newWord, sendFile } from "./sending.ts";
import type { WorldServer } from "./start-world-server.ts";

/** Everything that there is, and everybody who asks for it. */
export interface World {
  readonly viewers: readonly Viewer[];
  readonly files: readonly MadeFile[];
  readonly albums: readonly MadeAlbum[];
  /** Of an invite to an address that nobody here has. */
  readonly inviteId: string;
  /** Of links that open nothing: taken back, to what is in the trash, to what was purged. */
  readonly deadLinkTokens: readonly string[];
  /** Of programs of the owner's. */
  readonly tokenIds: readonly string[];
  /** Whose files these are. */
  readonly owner: PersonViewer;
  /** One person more, who has nothing. */
  addPerson(): Promise<PersonViewer>;
}

async function show(
  owner: PersonViewer,
  file: MadeFile,
  visibility: MadeFile["visibility"],
): Promise<MadeFile> {
  await must(owner, "PATCH", `/v1/files/${file.id}`, { json: { visibility }, ...anyRevision });
  return { ...file, visibility };
}

async function grant(owner: PersonViewer, file: MadeFile, { userId }: PersonViewer): Promise<MadeFile> {
  await must(owner, "PUT", `/v1/files/${file.id}/grants/${userId}`, { json: {} });
  return { ...file, grants: [...file.grants, { userId, hasEnded: false }] };
}

/** A grant that has ended when this is done. */
async function grantForAMoment(
  owner: PersonViewer,
  file: MadeFile,
  { userId }: PersonViewer,
): Promise<MadeFile> {
  const endsAtMs = Date.now() + 1500;
  const json = { endsAt: new Date(endsAtMs).toISOString() };
  await must(owner, "PUT", `/v1/files/${file.id}/grants/${userId}`, { json });
  await waitUntil(endsAtMs + 1);
  return { ...file, grants: [...file.grants, { userId, hasEnded: true }] };
}

/** Somebody who showed a file to their organisation, and is of another since. */
async function leaveOrganisation(addViewer: AddViewer) {
  const before = await addViewer("who is to leave", { organisation: "Harbour" });
  const sent = await sendFile(before, "a file for the organisation that its owner left");
  const { id } = await show(before, sent, "organisation");
  const { subject = "" } = before;
  const owner = await addViewer("who left the organisation", { organisation: "Elsewhere", subject });
  return { owner, file: { ...sent, id, organisation: "Elsewhere" } };
}

export async function makeWorld(server: WorldServer): Promise<World> {
  const addViewer = await openRegistry(server);
  const owner = await addViewer("the owner", { organisation: "Harbour" });
  const stranger = await addViewer("a stranger", { organisation: "Elsewhere" });
  const grantee = await addViewer("whom something is shared with", { organisation: "Elsewhere" });
  const formerGrantee = await addViewer("whom something was shared with");
  const operator = await addViewer("an operator who broke the glass", { scope: operatorScopes });
  const send = (what: string) => sendFile(owner, what);

  const files: MadeFile[] = [
    await send("a private file"),
    await grantForAMoment(owner, await grant(owner, await send("a shared file"), grantee), formerGrantee),
    await show(owner, await send("a file for the organisation"), "organisation"),
    await show(owner, await send("a public file"), "public"),
    await grant(owner, await show(owner, await send("a public, shared file"), "public"), grantee),
    await grant(stranger, await sendFile(stranger, "a stranger's shared file"), owner),
    await show(
      stranger,
      await sendFile(stranger, "a stranger's file for their organisation"),
      "organisation",
    ),
  ];

  const { file: left, owner: mover } = await leaveOrganisation(addViewer);
  files.push(left);

  const unshared = await grant(owner, await send("a file that is shared no more"), formerGrantee);
  await must(owner, "DELETE", `/v1/files/${unshared.id}/grants/${formerGrantee.userId}`);
  files.push({ ...unshared, grants: [] });

  const broken = await send("a file whose glass was broken");
  const reason = "A complaint about what is in it.";
  await must(operator, "POST", `/v1/files/${broken.id}/break-glass`, { json: { reason } });
  files.push({ ...broken, grants: [{ userId: operator.userId, hasEnded: false, isBrokenGlass: true }] });

  const offered = await send("a file that was offered to somebody");
  files.push(offered);
  const json = { email: "nobody-has-this@example.test" };
  const invite = await must<{ id: string }>(owner, "POST", `/v1/files/${offered.id}/invites`, { json });

  const trashed = await show(owner, await grant(owner, await send("a file in the trash"), grantee), "public");
  const toTrashed = await comeByLink(owner, trashed);
  await deleteFile(owner.api, trashed.id);
  files.push({ ...trashed, state: "trashed" });

  const purged = await show(owner, await grant(owner, await send("a purged file"), grantee), "public");
  const toPurged = await comeByLink(owner, purged);
  await deleteFile(owner.api, purged.id);
  await deleteFile(owner.api, purged.id, "?permanent=true");
  files.push({ ...purged, state: "none" });

  const name = newWord();
  const pending = await createUpload(owner.api, emptyPromise(100, { name: `${name}.png` }));
  const { id: uploadId, fileId: id } = pending;
  files.push({ ...trashed, what: "a file to be", id, uploadId, state: "none", name, ownersMarks: [] });

  const inAlbums = await makeAlbums(addViewer, owner);
  files.push(...inAlbums.files);

  const linked = await send("a file with a link");
  files.push(linked);
  const toLinked = await comeByLink(owner, linked);
  const toRevoked = await comeByLink(owner, linked);

  const infected = await show(owner, await grant(owner, await send("a quarantined file"), grantee), "public");
  const toInfected = await comeByLink(owner, infected);
  files.push(...(await quarantine([infected, ...inAlbums.toQuarantine], server)));

  const [openAlbum] = inAlbums.albums;
  const [host] = inAlbums.viewers;
  if (!openAlbum || !host) throw new Error("There is no album to come to by a link.");
  const toAlbum = await comeByLink(host, openAlbum);
  const toRevokedAlbum = await comeByLink(host, openAlbum);

  const programs = await makePrograms(owner);
  const viewers = [
    ...[owner, stranger, grantee, formerGrantee, mover, operator, ...inAlbums.viewers],
    ...[toLinked.viewer, await toRevoked.revoke(), toTrashed.viewer, toInfected.viewer],
    ...[toAlbum.viewer, await toRevokedAlbum.revoke()],
    { ...toPurged.viewer, isRefused: true } as const,
    await addViewer("a colleague", { organisation: "Harbour" }),
    await addViewer("somebody of no organisation"),
    await addViewer("an operator", { organisation: "Harbour", scope: operatorScopes }),
    await addViewer("a reader", { organisation: "Harbour", scope: "files:read" }),
    ...programs.viewers,
    ...nobodies(server),
  ];
  return {
    viewers,
    files,
    albums: inAlbums.albums,
    inviteId: invite.body.id,
    deadLinkTokens: [toRevoked, toTrashed, toPurged, toRevokedAlbum].map(({ linkToken }) => linkToken),
    tokenIds: programs.tokenIds,
    owner,
    addPerson: () => addViewer("one more"),
  };
}

/** The world after its owners have revealed each album that is sealed. */
export async function revealEverything(world: World): Promise<World> {
  const revealed = new Map<MadeAlbum, MadeAlbum>();
  for (const album of world.albums) {
    revealed.set(album, { ...album, isSealed: false });
    const host = world.viewers.find(
      ({ userId }) => userId !== undefined && album.members.get(userId) === "owner",
    );
    if (album.isSealed && host) await must(host, "POST", `/v1/albums/${album.id}/reveal`);
  }
  return {
    ...world,
    albums: [...revealed.values()],
    files: world.files.map((file) => ({
      ...file,
      state: file.state === "sealed" ? (file.underSeal ?? "ready") : file.state,
      albums: file.albums.map((album) => revealed.get(album) ?? album),
    })),
  };
}

import { createApi } from "../harness/api-client.ts";
import { deleteFile } from "../harness/files.ts";
import { noteSecret, noteToken } from "../harness/run-record.ts";
import type { AddViewer, PersonViewer, Viewer } from "./people.ts";
import type { MadeAlbum, MadeFile } from "./rule.ts";
import { anyRevision, must, newWord, sendFile } from "./sending.ts";

interface AlbumWorld {
  /** The albums' host first. */
  readonly viewers: readonly PersonViewer[];
  readonly files: readonly MadeFile[];
  /** An open one first. */
  readonly albums: readonly MadeAlbum[];
  /** In which a scanner is to find something yet. */
  readonly toQuarantine: readonly MadeFile[];
}

type Role = "viewer" | "contributor" | "owner";

/** Somebody without an account who accepts an invite to an album. */
async function inviteGuest(
  host: PersonViewer,
  album: { readonly id: string; readonly members: Map<string, Role> },
): Promise<PersonViewer> {
  const json = { role: "contributor" };
  const invite = await must<{ token: string }>(host, "POST", `/v1/albums/${album.id}/invites`, { json });
  noteSecret("an invite's token", invite.body.token);
  const { origin } = host.api;
  const nobody: Viewer = { name: "nobody", api: createApi(origin) };
  const accepted = await must<{ guest: { id: string }; token: string }>(
    nobody,
    "POST",
    "/v1/invites/accept",
    {
      json: { token: invite.body.token, name: "A guest" },
    },
  );
  const { guest, token } = accepted.body;
  noteToken("a capability token", token);
  album.members.set(guest.id, "contributor");
  return {
    name: `a guest of ${album.id}`,
    api: createApi(origin, token),
    userId: guest.id,
    scope: "files:read uploads:write",
    cameBy: { kind: "guest", albumId: album.id },
  };
}

const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();

/** Albums that are open, sealed and revealed, with what the contributor sent to them, and one of others' alone. */
export async function makeAlbums(addViewer: AddViewer, contributor: PersonViewer): Promise<AlbumWorld> {
  const host = await addViewer("the albums' host");
  const guestlike = await addViewer("a viewer of albums", { organisation: "Elsewhere" });
  const other = await addViewer("a member of another album", { organisation: "Elsewhere" });
  const former = await addViewer("a member no more");

  const make = async (what: string, people: readonly (readonly [PersonViewer, Role])[], isSealed = false) => {
    const name = `${what} ${newWord()}`;
    const json = { name, ...(isSealed ? { revealAt: tomorrow() } : {}) };
    const { id } = (await must<{ id: string }>(host, "POST", "/v1/albums", { json })).body;
    for (const [{ userId }, role] of people)
      await must(host, "PUT", `/v1/albums/${id}/members/${userId}`, { json: { role } });
    const members = new Map<string, Role>([[host.userId, "owner"]]);
    for (const [{ userId }, role] of people) members.set(userId, role);
    return { id, name, isSealed, members };
  };
  const everybody = [
    [contributor, "contributor"],
    [guestlike, "viewer"],
  ] as const;
  const open = await make("an open album", everybody);
  const sealed = await make("a sealed album", everybody, true);
  const unrevealed = await make("a revealed album", everybody, true);
  const others = await make("another album", [
    [other, "contributor"],
    [former, "viewer"],
  ]);
  await must(host, "DELETE", `/v1/albums/${others.id}/members/${former.userId}`);
  const [guest, sealedGuest] = [await inviteGuest(host, open), await inviteGuest(host, sealed)];

  const otherAlbum: MadeAlbum = {
    ...others,
    members: new Map([...others.members].filter(([id]) => id !== former.userId)),
  };

  const early = await sendFile(contributor, "a file of a revealed album", unrevealed);
  await must(host, "POST", `/v1/albums/${unrevealed.id}/reveal`);
  const revealed: MadeAlbum = { ...unrevealed, isSealed: false };

  const taken = await sendFile(contributor, "a file that was taken out of an album", open);
  await must(host, "DELETE", `/v1/albums/${open.id}/files/${taken.id}`);
  const trashed = await sendFile(contributor, "a file of an album in the trash", open);
  await deleteFile(contributor.api, trashed.id);
  const moved = await sendFile(other, "a file that was put into an album later");
  await must(other, "PATCH", `/v1/files/${moved.id}`, {
    json: { albumIds: [otherAlbum.id] },
    ...anyRevision,
  });
  return {
    viewers: [host, guestlike, other, former, guest, sealedGuest],
    albums: [open, sealed, revealed, otherAlbum],
    toQuarantine: [
      await sendFile(contributor, "a quarantined file of an open album", open),
      await sendFile(contributor, "a quarantined, sealed file", sealed),
      await sendFile(guest, "a guest's quarantined file", open),
    ],
    files: [
      await sendFile(contributor, "a file of an open album", open),
      await sendFile(contributor, "a sealed file", sealed),
      await sendFile(host, "a sealed file of the album's owner", sealed),
      await sendFile(guest, "a guest's file of an open album", open),
      await sendFile(sealedGuest, "a guest's sealed file", sealed),
      { ...early, state: "ready", albums: [revealed] },
      await sendFile(contributor, "a file that came after the reveal", revealed),
      { ...taken, albums: [] },
      { ...trashed, state: "trashed" },
      { ...moved, albums: [otherAlbum] },
    ],
  };
}

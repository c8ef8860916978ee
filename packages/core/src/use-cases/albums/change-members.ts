import type { AlbumMemberRecord } from "../../album.ts";
import { maxAlbumMembers } from "../../album.ts";
import type { AlbumRole } from "../../policy/decide-album-access.ts";
import type { Principal } from "../../policy/principal.ts";
import { notFound, type Refusal, RefusedError } from "../../refusal.ts";
import { type Page, pageOf } from "../page.ts";
import { type AlbumPorts, findAlbum, refuseNoOwner } from "./find-album.ts";

const lastOwner: Refusal = {
  code: "last-owner",
  detail: "An album has at least one owner who has an account: make somebody else one first, or delete it.",
};

/**
 * Who is in an album, by id: its members are shown one another, who came by a link is not.
 *
 * @throws RefusedError `not-found`
 */
export async function listAlbumMembers(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
  query: { readonly after?: string; readonly limit: number },
): Promise<Page<AlbumMemberRecord, string>> {
  const { member } = await findAlbum(ports, principal, "see", albumId);
  if (!member) throw new RefusedError(notFound);
  const rows = await ports.metadata.listAlbumMembers({ albumId, ...query, limit: query.limit + 1 });
  return pageOf(rows, query.limit, ({ userId }) => userId);
}

/**
 * One member of an album.
 *
 * @throws RefusedError `not-found`
 */
export async function getAlbumMember(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
  userId: string,
): Promise<AlbumMemberRecord> {
  const { member } = await findAlbum(ports, principal, "see", albumId);
  const [standing] = member
    ? await ports.metadata.findAlbums({ principalId: userId, albumIds: [albumId] })
    : [];
  if (!standing?.member) throw new RefusedError(notFound);
  return standing.member;
}

/**
 * Puts somebody into an album, or gives them another role. Nothing tells whether there is such a person; that somebody is a guest is told.
 *
 * @throws RefusedError `not-found`, `forbidden`, `last-owner`, `guest-owner`, `album-full`
 */
export async function setAlbumMember(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
  userId: string,
  role: AlbumRole,
): Promise<AlbumMemberRecord> {
  await findAlbum(ports, principal, "manage", albumId);
  const actor = { principalId: principal.id };
  const result = await ports.metadata.setAlbumMember({ albumId, userId, role, actor });
  switch (result.outcome) {
    case "done":
      return result.member;
    case "last-owner":
      throw new RefusedError(lastOwner);
    case "guest":
      throw new RefusedError({
        code: "guest-owner",
        detail: "A guest can't own an album: they need an account, and may take over what they sent with it.",
      });
    case "too-many":
      throw new RefusedError({
        code: "album-full",
        detail: `An album has at most ${maxAlbumMembers} members.`,
      });
    case "not-owner":
      return refuseNoOwner(ports, principal, albumId);
    case "missing":
      throw new RefusedError(notFound);
  }
}

/**
 * Ends a membership: an owner somebody's, or anybody their own. What they put in stays until it is taken out.
 *
 * @throws RefusedError `not-found`, `forbidden`, `last-owner`
 */
export async function removeAlbumMember(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
  userId: string,
): Promise<void> {
  await findAlbum(ports, principal, userId === principal.id ? "see" : "manage", albumId);
  const actor = { principalId: principal.id };
  const outcome = await ports.metadata.removeAlbumMember({ albumId, userId, actor });
  if (outcome === "not-owner") return refuseNoOwner(ports, principal, albumId);
  if (outcome === "last-owner") throw new RefusedError(lastOwner);
  if (outcome === "missing") throw new RefusedError(notFound);
}

import type { AlbumMemberRecord, AlbumRecord } from "../../album.ts";
import { type AlbumAction, albumActions, decideAlbumAccess } from "../../policy/decide-album-access.ts";
import type { Principal } from "../../policy/principal.ts";
import { notFound, RefusedError } from "../../refusal.ts";
import type { ServicePorts } from "../ports.ts";

export type AlbumPorts = Pick<ServicePorts, "metadata" | "clock">;

/** An album that a principal may see, and what they may do with it. */
export interface VisibleAlbum {
  readonly album: AlbumRecord;
  /** Absent: they came by a link. */
  readonly member?: AlbumMemberRecord;
  readonly can: readonly AlbumAction[];
}

/** Those of the ids (at most 200) that are albums which the principal may see. */
export async function findVisibleAlbums(
  { metadata, clock }: AlbumPorts,
  principal: Principal,
  albumIds: readonly string[],
): Promise<ReadonlyMap<string, VisibleAlbum>> {
  const nowMs = clock.nowMs();
  const found = await metadata.findAlbums({ principalId: principal.id, albumIds });
  return new Map(
    found.flatMap(({ album, member }) => {
      const can = albumActions.filter(
        (action) => decideAlbumAccess(principal, action, album, member?.role, nowMs).allowed,
      );
      return can.includes("see") ? [[album.id, { album, ...(member ? { member } : {}), can }]] : [];
    }),
  );
}

/**
 * Tells whoever was an owner when it was asked, and was none when it was decided, what they are now.
 *
 * @throws RefusedError always: `not-found` or `forbidden`
 */
export async function refuseNoOwner(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
): Promise<never> {
  await findAlbum(ports, principal, "manage", albumId);
  // They are one again.
  throw new RefusedError(notFound);
}

/**
 * An album in which the principal may do something.
 *
 * @throws RefusedError `not-found`, alike for what does not exist and what may not be seen, what is sealed included; `forbidden` where
 *   they may see it, but not do that
 */
export async function findAlbum(
  ports: AlbumPorts,
  principal: Principal,
  action: AlbumAction,
  albumId: string,
): Promise<VisibleAlbum> {
  const seen = (await findVisibleAlbums(ports, principal, [albumId])).get(albumId);
  if (!seen || (action === "list" && !seen.can.includes("list"))) throw new RefusedError(notFound);
  if (!seen.can.includes(action))
    throw new RefusedError({
      code: "forbidden",
      detail:
        action === "add"
          ? "You may look at this album, but not add to it."
          : "Only an owner of the album may do that.",
    });
  return seen;
}

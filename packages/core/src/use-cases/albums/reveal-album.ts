import type { Principal } from "../../policy/principal.ts";
import { notFound, RefusedError } from "../../refusal.ts";
import { type AlbumPorts, findAlbum, refuseNoOwner, type VisibleAlbum } from "./find-album.ts";
import { unsealAlbum } from "./unseal-files.ts";

/**
 * Reveals an album before its time, by an owner's hand: once and for good. Twice is once.
 *
 * @throws RefusedError `not-found`, `forbidden`, `not-sealed` where it was never to be revealed
 */
export async function revealAlbum(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
): Promise<VisibleAlbum> {
  await findAlbum(ports, principal, "manage", albumId);
  const result = await ports.metadata.revealAlbum({ albumId, actor: { principalId: principal.id } });
  if (result.outcome === "not-owner") return refuseNoOwner(ports, principal, albumId);
  if (result.outcome === "missing") throw new RefusedError(notFound);
  const { album } = result;
  if (album.revealAtMs === undefined)
    throw new RefusedError({
      code: "not-sealed",
      detail: "The album is not sealed: everybody in it sees it.",
    });
  await unsealAlbum(ports, album);
  return findAlbum(ports, principal, "manage", albumId);
}

import type { Principal } from "../../policy/principal.ts";
import { notFound, RefusedError } from "../../refusal.ts";
import { getFile } from "../get-file.ts";
import { type AlbumPorts, findAlbum, refuseNoOwner } from "./find-album.ts";

/**
 * Takes a file out of an album: by its owner, by who put it there, or by an owner of the album. It stays its owner's.
 *
 * @throws RefusedError `not-found`, while it is sealed too; `forbidden`
 */
export async function removeAlbumFile(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
  fileId: string,
): Promise<void> {
  const { can } = await findAlbum(ports, principal, "list", albumId);
  const { file } = await getFile(ports, principal, fileId);
  const found = await ports.metadata.findAlbumFile({ albumId, fileId });
  if (!found) throw new RefusedError(notFound);
  if (!can.includes("manage") && ![found.addedBy, file.ownerId].includes(principal.id))
    throw new RefusedError({
      code: "forbidden",
      detail: "Whoever put it there takes it out, or an owner of the album.",
    });
  const actor = { principalId: principal.id };
  const outcome = await ports.metadata.removeAlbumFile({ albumId, fileId, actor });
  if (outcome === "not-owner") return refuseNoOwner(ports, principal, albumId);
  if (outcome === "missing") throw new RefusedError(notFound);
}

import type { Principal } from "../../policy/principal.ts";
import type { AlbumChange } from "../../ports/album-commands.ts";
import { RefusedError } from "../../refusal.ts";
import type { ExpectedRevision } from "../at-revision.ts";
import { atAlbumRevision } from "./at-album-revision.ts";
import { isRevealAhead, revealNotAhead } from "./create-album.ts";
import { type AlbumPorts, findAlbum, type VisibleAlbum } from "./find-album.ts";

/**
 * Changes an album's name, how many shots each member has, or, while it is sealed, when it is to be revealed.
 *
 * @throws RefusedError `not-found`, `forbidden`, `precondition-required`, `precondition-failed`, `validation-failed`, `not-sealed`
 */
export async function changeAlbum(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
  expected: ExpectedRevision,
  change: AlbumChange,
): Promise<VisibleAlbum> {
  const { outcome } = await atAlbumRevision(ports, { principal, albumId, expected }, (command) => {
    if (!isRevealAhead(ports, change)) throw new RefusedError(revealNotAhead);
    return ports.metadata.changeAlbum({ ...command, change });
  });
  if (outcome === "not-sealed")
    throw new RefusedError({
      code: "not-sealed",
      member: "revealAt",
      detail:
        "The album is not sealed: whether it has a reveal is said when it is made, and it is revealed once.",
    });
  return findAlbum(ports, principal, "see", albumId);
}

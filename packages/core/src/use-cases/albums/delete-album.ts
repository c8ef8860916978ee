import type { Principal } from "../../policy/principal.ts";
import { RefusedError } from "../../refusal.ts";
import type { ExpectedRevision } from "../at-revision.ts";
import { atAlbumRevision } from "./at-album-revision.ts";
import type { AlbumPorts } from "./find-album.ts";
import { unsealAlbum, unsealBatch } from "./unseal-files.ts";

/**
 * Deletes an album; the files in it stay their owners'. One that is sealed only while nothing was sent to it: its photos are nobody's to get
 * back before their time, and nobody's to take away.
 *
 * @throws RefusedError `not-found`, `forbidden`, `precondition-required`, `precondition-failed`, `sealed`
 */
export async function deleteAlbum(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
  expected: ExpectedRevision,
): Promise<void> {
  const { metadata } = ports;
  const { outcome } = await atAlbumRevision(
    ports,
    { principal, albumId, expected },
    async (command, album) => {
      await unsealAlbum(ports, album);
      return metadata.deleteAlbum(command);
    },
  );
  if (outcome === "sealed")
    throw new RefusedError({
      code: "sealed",
      detail: "The album is sealed and has photos in it: it can be deleted once it is revealed.",
    });
  // What is left is the sweeper's.
  await metadata.emptyDeletedAlbums(unsealBatch);
}

import { isSealed } from "../../policy/decide-album-access.ts";
import { endedUploadStates, type UploadRecord } from "../../upload.ts";
import type { ServicePorts } from "../ports.ts";

/**
 * Those of some uploads, by id, of which nothing is told any more but their state: they have ended, and went to an album that is sealed. To
 * be asked of all that are to be shown, also to who sent them.
 */
export async function findSealedUploads(
  { metadata }: Pick<ServicePorts, "metadata">,
  uploads: readonly UploadRecord[],
): Promise<ReadonlySet<string>> {
  const ended = uploads.filter(({ state, albumId }) => albumId !== undefined && endedUploadStates.has(state));
  if (ended.length === 0) return new Set();
  const albumIds = [...new Set(ended.flatMap(({ albumId }) => albumId ?? []))];
  const albums = await metadata.findAlbums({ principalId: "", albumIds });
  const sealed = new Set(albums.flatMap(({ album }) => (isSealed(album) ? [album.id] : [])));
  return new Set(ended.flatMap(({ id, albumId = "" }) => (sealed.has(albumId) ? [id] : [])));
}

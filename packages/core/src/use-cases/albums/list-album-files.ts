import { albumList } from "../../file-lists/choose-file-list.ts";
import type { FilePosition } from "../../file-lists/file-list.ts";
import type { Principal } from "../../policy/principal.ts";
import type { VisibleFile } from "../get-file.ts";
import { listFiles } from "../list-files.ts";
import type { Page } from "../page.ts";
import { type AlbumPorts, findAlbum } from "./find-album.ts";
import { unsealAlbum } from "./unseal-files.ts";

/**
 * A page of an album's files, newest first; all of them from its reveal on, and none before.
 *
 * @throws RefusedError `not-found`, while it is sealed too
 */
export async function listAlbumFiles(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
  query: { readonly after?: FilePosition; readonly limit: number },
): Promise<Page<VisibleFile, FilePosition>> {
  const { album } = await findAlbum(ports, principal, "list", albumId);
  await unsealAlbum(ports, album);
  return listFiles(ports, principal, { list: albumList(albumId), ...query });
}

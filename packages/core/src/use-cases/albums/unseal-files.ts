import type { AlbumRecord } from "../../album.ts";
import type { FileRecord } from "../../file.ts";
import { isSealed } from "../../policy/decide-album-access.ts";
import type { MetadataStore } from "../../ports/metadata-store.ts";

/** Files that are unsealed in one command: it writes a few rows for each. */
export const unsealBatch = 50;

interface UnsealPorts {
  readonly metadata: MetadataStore;
}

/**
 * Unseals all that a revealed album sealed, unless that was done: whoever comes first does it, so that each who looks sees all of it or
 * nothing. Does nothing to one that is sealed.
 *
 * @returns how many files there were
 */
export async function unsealAlbum({ metadata }: UnsealPorts, album: AlbumRecord): Promise<number> {
  if (isSealed(album) || album.isUnsealed) return 0;
  for (let unsealed = 0; ; ) {
    const batch = await metadata.unsealFiles({ albumId: album.id, limit: unsealBatch });
    unsealed += batch;
    if (batch < unsealBatch) return unsealed;
  }
}

/** Files as they are, those that a revealed album sealed unsealed first: nobody meets them sealed any more. */
export async function unsealRevealed(
  { metadata }: UnsealPorts,
  files: readonly FileRecord[],
): Promise<readonly FileRecord[]> {
  const sealed = files.filter(({ state, sealedBy }) => state === "sealed" && sealedBy !== undefined);
  if (sealed.length === 0) return files;
  const albumIds = [...new Set(sealed.flatMap(({ sealedBy }) => sealedBy ?? []))];
  const albums = await metadata.findAlbums({ principalId: "", albumIds });
  const revealed = new Set(albums.flatMap(({ album }) => (isSealed(album) ? [] : [album.id])));
  const due = sealed.filter(({ sealedBy = "" }) => revealed.has(sealedBy));
  if (due.length === 0) return files;
  for (const { id, sealedBy = "" } of due)
    await metadata.unsealFiles({ albumId: sealedBy, fileId: id, limit: 1 });
  const now = new Map(
    (await metadata.findFiles(due.map(({ id }) => id))).map((file) => [file.id, file] as const),
  );
  return files.flatMap((file) => now.get(file.id) ?? (due.includes(file) ? [] : [file]));
}

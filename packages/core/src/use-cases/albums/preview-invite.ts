import type { AlbumInviteRecord, AlbumRecord } from "../../album.ts";
import { notFound, RefusedError } from "../../refusal.ts";
import type { ServicePorts } from "../ports.ts";

/** What an invite is to, before anybody has joined by it. */
export interface PreviewedInvite {
  readonly invite: AlbumInviteRecord;
  readonly album: AlbumRecord;
}

/**
 * What whoever has an invite's token may know before they join: no more than they would a moment later.
 *
 * @param tokenHash SHA-256 in lower-case hex
 * @throws RefusedError `not-found` alike for every token by which nobody can join
 */
export async function previewAlbumInvite(
  { metadata }: Pick<ServicePorts, "metadata">,
  tokenHash: string,
): Promise<PreviewedInvite> {
  const found = await metadata.findAlbumInvite(tokenHash);
  if (!found) throw new RefusedError(notFound);
  return found;
}

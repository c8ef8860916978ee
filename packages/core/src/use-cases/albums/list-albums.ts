import { albumActions, decideAlbumAccess } from "../../policy/decide-album-access.ts";
import type { Principal } from "../../policy/principal.ts";
import { type Page, pageOf } from "../page.ts";
import type { AlbumPorts, VisibleAlbum } from "./find-album.ts";

/** Where a page of albums begins. */
export interface AlbumPosition {
  readonly joinedAtMs: number;
  readonly id: string;
}

/** The albums of which the principal is a member, joined last first. A guest has one. */
export async function listAlbums(
  { metadata, clock }: AlbumPorts,
  principal: Principal,
  query: { readonly after?: AlbumPosition; readonly limit: number },
): Promise<Page<VisibleAlbum, AlbumPosition>> {
  const rows = await metadata.listAlbums({
    principalId: principal.id,
    ...query,
    limit: query.limit + 1,
  });
  const page = pageOf(rows, query.limit, ({ album, member: { joinedAtMs } }) => ({
    joinedAtMs,
    id: album.id,
  }));
  const nowMs = clock.nowMs();
  const items = page.items.flatMap(({ album, member }) => {
    const can = albumActions.filter(
      (action) => decideAlbumAccess(principal, action, album, member.role, nowMs).allowed,
    );
    return can.includes("see") ? [{ album, member, can }] : [];
  });
  return { ...page, items };
}

import { albumActions, decideAlbumAccess } from "../../policy/decide-album-access.ts";
import type { Principal } from "../../policy/principal.ts";
import type { AlbumChange } from "../../ports/album-commands.ts";
import type { Clock } from "../../ports/clock.ts";
import { RefusedError } from "../../refusal.ts";
import type { ServicePorts } from "../ports.ts";
import type { VisibleAlbum } from "./find-album.ts";

/** A reveal may be as far away as that. */
export const longestSealMs = 10 * 366 * 24 * 3600 * 1000;

/**
 * Makes an album, whose owner is its first member. With a time for its reveal it is sealed from the beginning.
 *
 * @throws RefusedError `validation-failed`, `forbidden` to who came by a link or an invite
 */
export async function createAlbum(
  { metadata, clock, ids }: Pick<ServicePorts, "metadata" | "clock" | "ids">,
  principal: Principal,
  asked: { readonly name: string; readonly revealAtMs?: number; readonly shotsPerMember?: number },
): Promise<VisibleAlbum> {
  if (principal.capability)
    throw new RefusedError({ code: "forbidden", detail: "Sign in with an account to make albums." });
  assertRevealAhead({ clock }, asked);
  const { album, member } = await metadata.createAlbum({ id: ids.newId(), ownerId: principal.id, ...asked });
  const can = albumActions.filter(
    (action) => decideAlbumAccess(principal, action, album, member?.role, clock.nowMs()).allowed,
  );
  return { album, ...(member ? { member } : {}), can };
}

/** @throws RefusedError `validation-failed` */
export function assertRevealAhead(
  { clock }: { readonly clock: Clock },
  { revealAtMs }: Pick<AlbumChange, "revealAtMs">,
): void {
  if (revealAtMs === undefined) return;
  const aheadMs = revealAtMs - clock.nowMs();
  if (aheadMs <= 0 || aheadMs > longestSealMs)
    throw new RefusedError({
      code: "validation-failed",
      member: "revealAt",
      detail: "A reveal is in the future, and within ten years. To reveal an album now, say so.",
    });
}

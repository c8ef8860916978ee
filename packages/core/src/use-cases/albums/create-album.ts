import { albumActions, decideAlbumAccess } from "../../policy/decide-album-access.ts";
import { actsAsPerson, type Principal } from "../../policy/principal.ts";
import type { AlbumChange } from "../../ports/album-commands.ts";
import type { Clock } from "../../ports/clock.ts";
import { notFound, type Refusal, RefusedError } from "../../refusal.ts";
import { isKnownRequest } from "../is-known-request.ts";
import { keyReused } from "../key-reused.ts";
import type { ServicePorts } from "../ports.ts";
import type { VisibleAlbum } from "./find-album.ts";

/** A reveal may be as far away as that. */
export const longestSealMs = 10 * 366 * 24 * 3600 * 1000;

export interface AlbumWish {
  readonly name: string;
  /** Default: it is never sealed. */
  readonly revealAtMs?: number;
  /** Default: as many as they like. */
  readonly shotsPerMember?: number;
  /** Of the request: sent again within a day it makes no second one. Default: each makes one. */
  readonly idempotencyKey?: string | undefined;
}

/**
 * Makes an album, whose owner is its first member. With a time for its reveal it is sealed from the beginning.
 *
 * @throws RefusedError `validation-failed`, `forbidden` to who came by a link or an invite, `idempotency-key-reused`, `not-found` where the
 *   same request made one before that is gone
 */
export async function createAlbum(
  ports: Pick<ServicePorts, "metadata" | "clock" | "ids" | "tokens">,
  principal: Principal,
  { idempotencyKey, ...asked }: AlbumWish,
): Promise<VisibleAlbum & { readonly isRepeat: boolean }> {
  const { metadata, clock, ids, tokens } = ports;
  if (!actsAsPerson(principal))
    throw new RefusedError({ code: "forbidden", detail: "Sign in with an account to make albums." });
  const { name, revealAtMs, shotsPerMember } = asked;
  const requestDigest = tokens.digestOf(JSON.stringify(["album", name, revealAtMs, shotsPerMember]));
  const idempotency = idempotencyKey === undefined ? undefined : { key: idempotencyKey, requestDigest };
  if (!isRevealAhead(ports, asked) && !(await isKnownRequest(ports, principal.id, idempotency)))
    throw new RefusedError(revealNotAhead);
  const made = await metadata.createAlbum({
    id: ids.newId(),
    ownerId: principal.id,
    ...asked,
    ...(idempotency === undefined ? {} : { idempotency }),
  });
  if (made.outcome === "key-reused") throw new RefusedError(keyReused);
  const isRepeat = made.outcome === "repeat";
  const standing = made.outcome === "created" ? made : made.standing;
  if (!standing) throw new RefusedError(notFound);
  const { album, member } = standing;
  const can = albumActions.filter(
    (action) => decideAlbumAccess(principal, action, album, member?.role, clock.nowMs()).allowed,
  );
  return { album, ...(member ? { member } : {}), can, isRepeat };
}

/** An album that is never sealed has none to be too early. */
export function isRevealAhead(
  { clock }: { readonly clock: Clock },
  { revealAtMs }: Pick<AlbumChange, "revealAtMs">,
): boolean {
  if (revealAtMs === undefined) return true;
  const aheadMs = revealAtMs - clock.nowMs();
  return aheadMs > 0 && aheadMs <= longestSealMs;
}

export const revealNotAhead: Refusal = {
  code: "validation-failed",
  member: "revealAt",
  detail: "A reveal is in the future, and within ten years. To reveal an album now, say so.",
};

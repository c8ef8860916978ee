import { type AlbumInviteRecord, defaultInviteUses, maxAlbumInvites } from "../../album.ts";
import type { Principal } from "../../policy/principal.ts";
import { notFound, RefusedError } from "../../refusal.ts";
import { isKnownRequest } from "../is-known-request.ts";
import { keyReused } from "../key-reused.ts";
import type { ServicePorts } from "../ports.ts";
import { type AlbumPorts, findAlbum, refuseNoOwner } from "./find-album.ts";

const dayMs = 24 * 3600 * 1000;

/** How long an invite holds that says nothing of it. */
const defaultInviteMs = 30 * dayMs;

const longestInviteMs = 366 * dayMs;

export interface InviteWish {
  readonly role: AlbumInviteRecord["role"];
  /** Default: {@link defaultInviteUses}. */
  readonly maxUses?: number | undefined;
  /** Within a year. Default: in 30 days. */
  readonly expiresAtMs?: number | undefined;
  /** Of the request: sent again within a day it makes no second one. Default: each makes one. */
  readonly idempotencyKey?: string | undefined;
}

/**
 * Makes a way into an album for whoever has its token, of which the digest alone is kept. A request that made one already has no token in
 * its answer.
 *
 * @throws RefusedError `not-found`, `forbidden`, `validation-failed`, `too-many-invites`, `idempotency-key-reused`
 */
export async function createAlbumInvite(
  ports: AlbumPorts & Pick<ServicePorts, "ids" | "tokens">,
  principal: Principal,
  albumId: string,
  { role, maxUses = defaultInviteUses, expiresAtMs, idempotencyKey }: InviteWish,
): Promise<{ readonly invite: AlbumInviteRecord; readonly token?: string }> {
  const { tokens } = ports;
  await findAlbum(ports, principal, "manage", albumId);
  const requestDigest = tokens.digestOf(JSON.stringify(["invite", albumId, role, maxUses, expiresAtMs]));
  const idempotency = idempotencyKey === undefined ? undefined : { key: idempotencyKey, requestDigest };
  const nowMs = ports.clock.nowMs();
  const isAhead =
    expiresAtMs === undefined || (expiresAtMs > nowMs && expiresAtMs <= nowMs + longestInviteMs);
  if (!isAhead && !(await isKnownRequest(ports, principal.id, idempotency)))
    throw new RefusedError({
      code: "validation-failed",
      member: "expiresAt",
      detail: "An invite ends in the future, and within 366 days.",
    });
  const token = tokens.newToken();
  const result = await ports.metadata.createAlbumInvite({
    id: ports.ids.newId(),
    albumId,
    role,
    createdBy: principal.id,
    expiresAtMs: expiresAtMs ?? nowMs + defaultInviteMs,
    maxUses,
    tokenHash: tokens.digestOf(token),
    ...(idempotency === undefined ? {} : { idempotency }),
  });
  switch (result.outcome) {
    case "done":
      return { invite: result.invite, token };
    case "repeat":
      if (result.invite) return { invite: result.invite };
      throw new RefusedError(notFound);
    case "key-reused":
      throw new RefusedError(keyReused);
    case "too-many":
      throw new RefusedError({
        code: "too-many-invites",
        detail: `There are ${maxAlbumInvites} invites to this album that have not ended: take one back first.`,
      });
    case "not-owner":
      return refuseNoOwner(ports, principal, albumId);
    case "missing":
      throw new RefusedError(notFound);
  }
}

/**
 * Invites to an album that have not run out, newest first.
 *
 * @throws RefusedError `not-found`, `forbidden`
 */
export async function listAlbumInvites(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
): Promise<readonly AlbumInviteRecord[]> {
  await findAlbum(ports, principal, "manage", albumId);
  return ports.metadata.listAlbumInvites(albumId);
}

/**
 * Takes an invite back: nobody joins by it any more; who did stays.
 *
 * @throws RefusedError `not-found`, `forbidden`
 */
export async function revokeAlbumInvite(
  ports: AlbumPorts,
  principal: Principal,
  albumId: string,
  inviteId: string,
): Promise<void> {
  await findAlbum(ports, principal, "manage", albumId);
  const actor = { principalId: principal.id };
  const outcome = await ports.metadata.revokeAlbumInvite({ albumId, inviteId, actor });
  if (outcome === "not-owner") return refuseNoOwner(ports, principal, albumId);
  if (outcome === "missing") throw new RefusedError(notFound);
}

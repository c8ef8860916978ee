import type { Scope } from "@stowage/protocol";
import { type DelegationBounds, type DelegationRecord, maxDelegationsPerPerson } from "../delegation.ts";
import type { Principal } from "../policy/principal.ts";
import { notFound, type Refusal, RefusedError } from "../refusal.ts";
import { keyReused } from "./key-reused.ts";
import type { ServicePorts } from "./ports.ts";
import { assertPerson } from "./sign-out-everywhere.ts";

/** Who delegates rights of theirs, by a token of their issuer's. */
export interface Delegator extends Principal {
  /** When that token was issued. */
  readonly issuedAtMs: number;
}

export interface DelegationWish {
  /** Of those that the token has by which it is asked for. */
  readonly scopes: readonly Scope[];
  /** With `uploads:write` alone. */
  readonly bounds: DelegationBounds;
  readonly lifetimeMs: number;
  /** Of the request: sent again within a day it mints no second one. Default: each mints one. */
  readonly idempotencyKey?: string | undefined;
}

/**
 * Gives a program rights of the principal's own, which its token is to name.
 *
 * @returns `isRepeat`: that was minted by the same request before
 * @throws RefusedError `forbidden` of who has no account or comes by such a token themselves, `validation-failed`, `not-found` for an album
 *   that they may not add to, where the same request minted one that is gone since, and where the token that it is asked by was ended
 *   meanwhile; `too-many-tokens`, `idempotency-key-reused`
 */
export async function delegateRights(
  ports: Pick<ServicePorts, "metadata" | "ids" | "profiles" | "tokens">,
  person: Delegator,
  { scopes, bounds, lifetimeMs, idempotencyKey }: DelegationWish,
): Promise<{ readonly delegation: DelegationRecord; readonly isRepeat: boolean }> {
  const { metadata, ids, tokens } = ports;
  assertPerson(person);
  assertProfile(ports, bounds);
  const { profile, albumId, metadata: pairs = {}, maxFiles, maxBytes } = bounds;
  const wish = JSON.stringify([
    "delegation",
    [...scopes].sort(),
    profile,
    albumId,
    Object.entries(pairs).sort(),
    maxFiles,
    maxBytes,
    lifetimeMs,
  ]);
  const result = await metadata.mintDelegation({
    id: ids.newId(),
    personId: person.id,
    byTokenOfMs: person.issuedAtMs,
    scopes,
    bounds,
    lifetimeMs,
    maxPerPerson: maxDelegationsPerPerson,
    ...(idempotencyKey === undefined
      ? {}
      : { idempotency: { key: idempotencyKey, requestDigest: tokens.digestOf(wish) } }),
  });
  switch (result.outcome) {
    case "minted":
      return { delegation: result.delegation, isRepeat: false };
    case "repeat":
      if (result.delegation) return { delegation: result.delegation, isRepeat: true };
      throw new RefusedError(notFound);
    case "key-reused":
      throw new RefusedError(keyReused);
    case "too-many":
      throw new RefusedError(tooMany);
    case "missing":
      throw new RefusedError(albumId === undefined ? notFound : { ...notFound, member: "albumId" });
  }
}

const tooMany: Refusal = {
  code: "too-many-tokens",
  detail: `You have ${maxDelegationsPerPerson} tokens that have not ended: take one back first.`,
};

function assertProfile({ profiles }: Pick<ServicePorts, "profiles">, { profile }: DelegationBounds): void {
  if (profile === undefined || profiles.has(profile)) return;
  throw new RefusedError({
    code: "validation-failed",
    member: "profile",
    detail: `There is no profile "${profile}"; there are: ${[...profiles.keys()].join(", ")}.`,
  });
}

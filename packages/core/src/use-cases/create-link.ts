import { defaultLinkLifetimeMs, type LinkRecord, maxLinkLifetimeMs, maxLinksPerTarget } from "../link.ts";
import { isSealed } from "../policy/decide-album-access.ts";
import type { LinkTarget, Principal } from "../policy/principal.ts";
import { notFound, type Refusal, RefusedError } from "../refusal.ts";
import { assertMayShare } from "./assert-may-share.ts";
import { notReady } from "./change-file.ts";
import { isKnownRequest } from "./is-known-request.ts";
import { keyReused } from "./key-reused.ts";
import type { ServicePorts } from "./ports.ts";

export interface LinkWish {
  /** In 366 days at the latest. Default: in 30 days. */
  readonly endsAtMs?: number | undefined;
  /** Default: none. */
  readonly passphrase?: string | undefined;
  /** Default: as often as anybody likes. */
  readonly maxOpens?: number | undefined;
  /** Of the request: sent again within a day it makes no second one. Default: each makes one. */
  readonly idempotencyKey?: string | undefined;
}

const sealedAlbum: Refusal = {
  code: "sealed",
  detail: "The album is sealed: nobody can be shown it by a link before it is revealed.",
};

/**
 * Makes a link to what the principal owns. Its token is answered once, and nowhere kept: a request that made one
 * already has no token in its answer.
 *
 * @throws RefusedError `not-found`, `forbidden`, `sealed`, `file-not-ready`, `validation-failed` for an end that is past or too far off,
 *   `too-many-links`, `idempotency-key-reused`, `unavailable`
 */
export async function createLink(
  ports: Pick<ServicePorts, "metadata" | "clock" | "ids" | "tokens" | "passphrases">,
  principal: Principal,
  target: LinkTarget,
  { endsAtMs, passphrase, maxOpens, idempotencyKey }: LinkWish,
): Promise<{ readonly link: LinkRecord; readonly token?: string }> {
  const { metadata, clock, ids, tokens, passphrases } = ports;
  const shared = await assertMayShare(ports, principal, target);
  if ("album" in shared && isSealed(shared.album)) throw new RefusedError(sealedAlbum);
  if ("file" in shared && shared.file.state !== "ready") throw new RefusedError(notReady(shared.file));
  // Not the passphrase: whoever reads the database could try words on so quick a digest.
  const wish = JSON.stringify(["link", target, endsAtMs, maxOpens, passphrase !== undefined]);
  const idempotency =
    idempotencyKey === undefined ? undefined : { key: idempotencyKey, requestDigest: tokens.digestOf(wish) };
  const nowMs = clock.nowMs();
  const isAhead = endsAtMs === undefined || (endsAtMs > nowMs && endsAtMs <= nowMs + maxLinkLifetimeMs);
  if (!isAhead && !(await isKnownRequest(ports, principal.id, idempotency)))
    throw new RefusedError({
      code: "validation-failed",
      detail: "A link ends in the future, and within 366 days.",
      member: "expiresAt",
    });
  const token = tokens.newToken();
  const result = await metadata.createLink({
    id: ids.newId(),
    target,
    createdBy: principal.id,
    tokenDigest: tokens.digestOf(token),
    ...(passphrase === undefined ? {} : { passphraseHash: await passphrases.hash(normal(passphrase)) }),
    endsAtMs: endsAtMs ?? nowMs + defaultLinkLifetimeMs,
    ...(maxOpens === undefined ? {} : { maxOpens }),
    maxPerTarget: maxLinksPerTarget,
    ...(idempotency === undefined ? {} : { idempotency }),
  });
  switch (result.outcome) {
    case "created":
      return { link: result.link, token };
    case "repeat":
      if (result.link) return { link: result.link };
      throw new RefusedError(notFound);
    case "key-reused":
      throw new RefusedError(keyReused);
    case "too-many":
      throw new RefusedError({
        code: "too-many-links",
        detail: `There are ${maxLinksPerTarget} links to it that have not ended: take one back first.`,
      });
    case "missing":
      throw new RefusedError(notFound);
  }
}

/** As it is typed on one keyboard or another. */
export const normal = (passphrase: string): string => passphrase.normalize("NFC");

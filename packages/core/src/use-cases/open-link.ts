import { type LinkRecord, linkRightLifetimeMs, maxWrongPassphrases, passphraseWindowMs } from "../link.ts";
import type { Principal } from "../policy/principal.ts";
import type { FoundLink } from "../ports/link-commands.ts";
import { notFound, type Refusal, RefusedError } from "../refusal.ts";
import { findAlbum, type VisibleAlbum } from "./albums/find-album.ts";
import { normal } from "./create-link.ts";
import { getFile, type VisibleFile } from "./get-file.ts";
import type { ServicePorts } from "./ports.ts";

type OpenPorts = Pick<ServicePorts, "metadata" | "clock" | "ids" | "tokens" | "passphrases">;

/** What came by a link. */
export interface OpenedLink {
  readonly link: LinkRecord;
  /** The right that its token is to name. */
  readonly capability: { readonly id: string; readonly endsAtMs: number };
  /** What it is to: one of these two. */
  readonly file?: VisibleFile;
  readonly album?: VisibleAlbum;
}

const limit = { maxWrong: maxWrongPassphrases, windowMs: passphraseWindowMs };

/**
 * Opens a link for whoever has its token: a right to read what it is to, for an hour and no longer than the link. The token comes first, the
 * passphrase next, what it is to last: who lacks one of them learns nothing of what follows.
 *
 * @throws RefusedError `not-found` alike for a token that is no link's, one that has ended, was taken back or was opened as often as it may
 *   be, and for what may not be read (any more); `passphrase-required`, `passphrase-wrong`; `rate-limited` while it is locked
 */
export async function openLink(
  ports: OpenPorts,
  { token, passphrase }: { readonly token: string; readonly passphrase?: string | undefined },
): Promise<OpenedLink> {
  const { metadata, ids, tokens } = ports;
  const found = await metadata.findLinkToOpen({ tokenDigest: tokens.digestOf(token), ...limit });
  if (!found) throw new RefusedError(notFound);
  await assertPassphrase(ports, found, passphrase);
  const capabilityId = ids.newId();
  const target = await findTarget(ports, found.link, capabilityId);
  const result = await metadata.openLink({
    id: found.link.id,
    capabilityId,
    lifetimeMs: linkRightLifetimeMs,
    ...limit,
  });
  switch (result.outcome) {
    case "opened":
      return { link: result.link, capability: { id: capabilityId, endsAtMs: result.endsAtMs }, ...target };
    case "locked":
      throw new RefusedError(lockedUntil(ports, result.untilMs));
    case "missing":
      throw new RefusedError(notFound);
  }
}

/** What is known to be locked costs no hash. */
async function assertPassphrase(
  ports: OpenPorts,
  { link, passphraseHash, lockedUntilMs }: FoundLink,
  passphrase: string | undefined,
): Promise<void> {
  if (lockedUntilMs !== undefined) throw new RefusedError(lockedUntil(ports, lockedUntilMs));
  if (passphraseHash === undefined) return;
  if (passphrase === undefined)
    throw new RefusedError({
      code: "passphrase-required",
      detail: "This link opens with a passphrase: send it along.",
    });
  if (await ports.passphrases.isRight(normal(passphrase), passphraseHash)) return;
  const counted = await ports.metadata.countWrongPassphrase({ id: link.id, ...limit });
  if (counted.outcome === "locked") throw new RefusedError(lockedUntil(ports, counted.untilMs));
  if (counted.outcome === "missing") throw new RefusedError(notFound);
  throw new RefusedError({ code: "passphrase-wrong", detail: "That is not the passphrase of this link." });
}

/** Read as whoever comes by the link will: nothing that they may not see counts as an opening. */
async function findTarget(
  ports: OpenPorts,
  { id, target, endsAtMs }: LinkRecord,
  capabilityId: string,
): Promise<Pick<OpenedLink, "file" | "album">> {
  const principal: Principal = { id, capability: { kind: "link", id: capabilityId, target, endsAtMs } };
  return target.kind === "album"
    ? { album: await findAlbum(ports, principal, "list", target.id) }
    : { file: await getFile(ports, principal, target.id) };
}

const lockedUntil = ({ clock }: OpenPorts, untilMs: number): Refusal => ({
  code: "rate-limited",
  detail: "Too many wrong passphrases were tried: the link is locked for a while, for everybody.",
  retryAfterSeconds: Math.max(1, Math.ceil((untilMs - clock.nowMs()) / 1000)),
});

import type { AuditChainHead, AuditEventRecord, AuditLink } from "../audit-event.ts";

/** The SHA-256 of a text's UTF-8, in lower-case hex. */
export type Sha256OfText = (text: string) => string;

/** What the first event of a chain follows. */
export const chainStart: Omit<AuditLink, "chain"> = { number: 0, hash: "0".repeat(64) };

/**
 * An event goes to the chain of the organisation, by its id, that it is about, or that who owns the upload, file, album or archive that it
 * is about is of, or the person that it is about; else who did it; else to this one. It is found when the event is linked, and stays: who changes
 * the organisation takes no event along. What is deleted is its owner's in the event that says so; what was told of it in the second before, and has
 * no link yet, goes by who did it.
 */
export const noOrganisation = "";

/**
 * An event's hash: the SHA-256 of the JSON array of the hash before it in its chain, its chain and its number there, and all
 * that is said of it. An array of texts and whole numbers has one form in JSON (RFC 8785, section 3.2): whoever has a JSON
 * library can compute it. What was sealed when it was written has the album's id at its end.
 */
export const auditHash = (
  sha256: Sha256OfText,
  previousHash: string,
  { sequence, atMs, actor, action, targetId, detail, sealedBy }: AuditEventRecord,
  { chain, number }: Pick<AuditLink, "chain" | "number">,
): string =>
  sha256(
    JSON.stringify([
      ...[previousHash, chain, number, sequence, atMs, actor, action, targetId, detail ?? null],
      ...(sealedBy === undefined ? [] : [sealedBy]),
    ]),
  );

/** An event that has no place yet, and the chain that it goes to. */
export interface UnchainedAuditEvent extends Omit<AuditEventRecord, "link"> {
  readonly chain: string;
}

/** The link of an event that has none yet. */
export interface NewAuditLink extends AuditLink {
  readonly sequence: number;
}

/**
 * Links of events in their order, each behind the last of its chain.
 *
 * @param heads of the chains as they are; a chain without one begins
 */
export function makeAuditLinks(
  sha256: Sha256OfText,
  heads: readonly AuditChainHead[],
  events: readonly UnchainedAuditEvent[],
): NewAuditLink[] {
  const last = new Map<string, Pick<AuditLink, "number" | "hash">>(heads.map((head) => [head.chain, head]));
  return events.map(({ chain, ...event }) => {
    const previous = last.get(chain) ?? chainStart;
    const number = previous.number + 1;
    const hash = auditHash(sha256, previous.hash, event, { chain, number });
    last.set(chain, { number, hash });
    return { sequence: event.sequence, chain, number, hash };
  });
}

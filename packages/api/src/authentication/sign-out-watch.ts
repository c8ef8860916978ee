import type { MetadataStore, SignedOutRecord } from "@stowage/core";

/** How old what is known of sign-outs may be when a request is let in by a token that was verified before. */
const freshForMs = 500;

/** Who signed out everywhere, as far as it matters to whoever remembers tokens for a while. */
export interface SignOutWatch {
  /** Whether nobody's sign-out of half a second ago or more can be missing. */
  isFresh(): boolean;
  /** Asks the database, once for all that wait. */
  refresh(): Promise<void>;
  /** Whether a token of a person's, issued then, was ended by them. */
  isSignedOut(principalId: string, issuedAtMs: number): boolean;
}

/**
 * Two short queries a second, however many requests there are: a remembered token is no longer good a second after its person
 * signed out, whichever process they told.
 *
 * @param o.rememberForMs for how long tokens are remembered: what was ended before that was refused when it was verified
 */
export function createSignOutWatch(o: {
  readonly metadata: Pick<MetadataStore, "listSignedOut">;
  readonly nowMs: () => number;
  readonly rememberForMs: number;
}): SignOutWatch {
  let validFrom: ReadonlyMap<string, number> = new Map();
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    const nowMs = o.nowMs();
    const signedOut = await o.metadata.listSignedOut(nowMs - 2 * o.rememberForMs);
    validFrom = new Map(
      signedOut.map(({ principalId, tokensValidFromMs }: SignedOutRecord) => [
        principalId,
        tokensValidFromMs,
      ]),
    );
    askedAtMs = nowMs;
  };

  return {
    // Not before it either: the clock may have been set back.
    isFresh: () => Math.abs(o.nowMs() - askedAtMs) < freshForMs,
    refresh: () => {
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    isSignedOut: (principalId, issuedAtMs) => issuedAtMs < (validFrom.get(principalId) ?? 0),
  };
}

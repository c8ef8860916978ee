import type { Identity } from "../principal.ts";

/** When a person signed out everywhere. */
export interface SignedOutRecord {
  readonly principalId: string;
  /** Whatever was issued to them before is refused. */
  readonly tokensValidFromMs: number;
}

/** Of the metadata store, what people do with their account. */
export interface AccountCommands {
  /**
   * Ends all that a person is signed in by, wherever: tokensValidFrom = the second after now, since tokens say in which second they
   * were issued. Said again, it ends what has been signed in since. Audit `principal.signed-out`, by them.
   */
  signOutEverywhere(principalId: string): Promise<SignedOutRecord | undefined>;
  /** Those whose `tokensValidFromMs` is later than that: everybody's, for whoever remembers tokens that were good a moment ago. */
  listSignedOut(laterThanMs: number): Promise<readonly SignedOutRecord[]>;
  /** From when on what is issued to a person is good; `undefined` where they never signed out everywhere, or are not known. */
  findTokensValidFrom(identity: Pick<Identity, "issuer" | "subject">): Promise<number | undefined>;
}

/** The beginning of the second after. Milliseconds. */
export const nextSecondMs = (nowMs: number): number => (Math.floor(nowMs / 1000) + 1) * 1000;

import type { FileRecord } from "../file.ts";
import { type Identity, issuerSkewMs, type PrincipalRecord } from "../principal.ts";
import type { IssuerSubject } from "./issuer-accounts.ts";
import type { MetadataStore } from "./metadata-store.ts";

/** When a person signed out everywhere. */
export interface SignedOutRecord {
  readonly principalId: string;
  /** Whatever was issued to them before is refused. */
  readonly tokensValidFromMs: number;
}

/** Of the metadata store, what people do with their account. */
export interface AccountCommands {
  /**
   * Ends all that a person is signed in by, wherever: tokensValidFrom by {@link tokensEndAtMs}. Said again, it ends what has been signed in since. The tokens that they minted (`DelegationCommands`) are gone. Audit `principal.signed-out`, by them.
   */
  signOutEverywhere(command: {
    readonly principalId: string;
    readonly issuerAheadMs?: number | undefined;
  }): Promise<SignedOutRecord | undefined>;
  /**
   * Has a person be called as they say, whatever their issuer says, or (`null`) as that does again: in lists of people, and in the albums in which
   * they have a name (where their issuer gives them none, they have none there any more). profileRevision += 1. Audit `principal.changed`, by them; no name is in it.
   *
   * @param command.revision that they believe theirs to have
   */
  changeProfile(command: {
    readonly principalId: string;
    readonly revision: number;
    readonly name: string | null;
  }): Promise<
    | { readonly outcome: "done" | "stale"; readonly person: PrincipalRecord }
    /** There is no such person, or their account was deleted. */
    | { readonly outcome: "missing" }
  >;
  /** Those whose `tokensValidFromMs` is later than that: everybody's, for whoever remembers tokens that were good a moment ago. */
  listSignedOut(laterThanMs: number): Promise<readonly SignedOutRecord[]>;
  /**
   * From when on what an issuer issues to a person is good; `undefined` where they never signed out everywhere nor deleted an account. Asked before
   * {@link MetadataStore.ensurePrincipal}: what was issued to an account that was deleted must not make another.
   */
  findTokensValidFrom(identity: Pick<Identity, "issuer" | "subject">): Promise<TokensValidFrom | undefined>;
  /**
   * Makes of a person's row one that says nothing of them but its id and counters: no e-mail, no name, and whoever comes by their issuer and
   * subject later is somebody new. Tokens as by {@link signOutEverywhere}. What they are called in albums is forgotten, the addresses that files were
   * offered to them by, the tokens that they minted, and their keys of requests; invites to an address that was verified as theirs are declined, audit `file.invite-declined` of each. `undefined` where there
   * is no such person, or it is one already. Audit `principal.deleted`, by them.
   *
   * @param command.ownIssuer of whose accounts Stowage keeps the list itself: their subject there is kept until
   *   {@link forgetIssuerAccount}, and until then nothing that is issued to it is good
   */
  deleteAccount(command: {
    readonly principalId: string;
    readonly ownIssuer?: string;
    readonly issuerAheadMs?: number | undefined;
  }): Promise<SignedOutRecord | undefined>;
  /** The account at the issuer that runs here is gone: nothing says any more what it was called. No audit. */
  forgetIssuerAccount(principalId: string): Promise<void>;
  /** Takes at most `limit` of the grants to a person back; answers how many. Audit `file.revoked` of each, by the system. */
  revokeGrantsTo(command: { readonly userId: string; readonly limit: number }): Promise<number>;
  /** Those of which {@link forgetAccount} was not said yet, the first deleted first. */
  listDeletedAccounts(list: {
    /** The last one of the page before. */
    readonly after?: DeletedAccount;
    readonly limit: number;
  }): Promise<readonly DeletedAccount[]>;
  /** Sealed files of an owner's, which are in no list. */
  listSealedFiles(query: {
    readonly ownerId: string;
    readonly limit: number;
  }): Promise<readonly FileRecord[]>;
  /**
   * Empties what ended uploads (at most 200) of a deleted account say of what was sent: name, metadata, ref and timeline. Those that have
   * not ended stay as they are. No audit.
   */
  eraseUploads(command: { readonly ownerId: string; readonly uploadIds: readonly string[] }): Promise<void>;
  /** Nothing of a deleted account is left to be deleted; keys of late requests go too. Audit `principal.erased`, by the system. */
  forgetAccount(principalId: string): Promise<void>;
}

export interface TokensValidFrom {
  readonly tokensValidFromMs: number;
  /** Whether that is since they deleted their account. */
  readonly isDeleted: boolean;
}

export interface DeletedAccount {
  readonly principalId: string;
  readonly deletedAtMs: number;
  /** Of an issuer that runs here, where their account is still to be removed. */
  readonly issuerAccount?: IssuerSubject;
}

/** The beginning of the second after. Milliseconds. */
export const nextSecondMs = (nowMs: number): number => (Math.floor(nowMs / 1000) + 1) * 1000;

/**
 * From when on tokens are good of a person who ends all that they have now: the next second, since tokens say in which second they were issued; a
 * little later where the clock of their issuer is known to be ahead of ours, so that what it has issued is older than that.
 *
 * @param of.saidAtMs when what is known of them was said (`saidAtMs` of `KnownIdentity`). More than {@link issuerSkewMs} ahead: nothing was
 * @param of.issuerAheadMs how far tokens of their issuer were seen to be from the future. Default: none was
 */
export const tokensEndAtMs = (of: {
  readonly nowMs: number;
  readonly saidAtMs: number;
  readonly issuerAheadMs?: number | undefined;
}): number => {
  const latestMs = of.nowMs + issuerSkewMs;
  const newestMs = of.saidAtMs > latestMs ? 0 : of.saidAtMs;
  return nextSecondMs(Math.max(Math.min(of.nowMs + (of.issuerAheadMs ?? 0), latestMs), newestMs));
};

import type { FileRecord } from "../file.ts";
import type { Identity } from "../principal.ts";
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
   * Ends all that a person is signed in by, wherever: tokensValidFrom = the second after now, since tokens say in which second they
   * were issued. Said again, it ends what has been signed in since. Audit `principal.signed-out`, by them.
   */
  signOutEverywhere(principalId: string): Promise<SignedOutRecord | undefined>;
  /** Those whose `tokensValidFromMs` is later than that: everybody's, for whoever remembers tokens that were good a moment ago. */
  listSignedOut(laterThanMs: number): Promise<readonly SignedOutRecord[]>;
  /**
   * From when on what an issuer issues to a person is good; `undefined` where they never signed out everywhere nor deleted an account. Asked before
   * {@link MetadataStore.ensurePrincipal}: what was issued to an account that was deleted must not make another.
   */
  findTokensValidFrom(identity: Pick<Identity, "issuer" | "subject">): Promise<TokensValidFrom | undefined>;
  /**
   * Makes of a person's row one that says nothing of them but its id and counters: no e-mail, no name, and whoever comes by their issuer and
   * subject later is somebody new. Tokens as by {@link signOutEverywhere}. False where there is no such person, or it is one already. Audit
   * `principal.deleted`, by them.
   */
  deleteAccount(principalId: string): Promise<boolean>;
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
  /** Nothing of a deleted account is left to be deleted. Audit `principal.erased`, by the system. */
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
}

/** The beginning of the second after. Milliseconds. */
export const nextSecondMs = (nowMs: number): number => (Math.floor(nowMs / 1000) + 1) * 1000;

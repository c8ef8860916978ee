import type { JWK } from "jose";
import type { Account } from "./account.ts";

export interface NewAccount {
  readonly email: string;
  /** Default: true, as the operator who types the address vouches for it. */
  readonly emailVerified?: boolean;
  /** At least 15 characters, at most 1,024 bytes (password-policy.ts). Without one nobody can sign in. */
  readonly password?: string;
  /** 1 to 200 characters. */
  readonly organisation?: string;
  /** Default: false. */
  readonly operator?: boolean;
  /** 1 to 200 characters. */
  readonly name?: string;
}

export interface NewInvite {
  /** The only address that it is good for, which then counts as verified. Default: any, unverified. */
  readonly email?: string;
  /** 1 to 200 characters: where the new account belongs. */
  readonly organisation?: string;
  /** Default: false. */
  readonly operator?: boolean;
  /** 1 to 7,776,000: ninety days at most. */
  readonly expiresInSeconds: number;
}

export interface Invite {
  /** 256 random bits in base64url: what stands in the link. Kept nowhere, and never to be had again. */
  readonly token: string;
  /** Path below the issuer's URL of the page that it opens. */
  readonly path: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
}

export interface AccessTokenRequest {
  readonly email: string;
  /** The `iss` claim, exactly as given: what the API trusts. */
  readonly issuerUrl: string;
  /** The `aud` claim: the API that the token is for. */
  readonly audience: string;
  /** Names of `accessTokenScopes`, parted by spaces. */
  readonly scope: string;
  /** 1 to 86,400: a token can't be taken back, so a day is the most. */
  readonly expiresInSeconds: number;
  /** Why, in 1 to 500 characters; required once the account's person has signed in. */
  readonly reason?: string;
}

/**
 * The issuer of one machine over its directory. Any method that reads or writes accounts may throw
 * `IssuerBusyError`; writes do after 5 s in which another process held the database.
 */
export interface Issuer {
  /**
   * @throws {AccountExistsError} the address has one, in whatever case or Unicode form
   * @throws {InvalidEmailError} @throws {WeakPasswordError} @throws {InvalidAccountDetailError}
   */
  addAccount(account: NewAccount): Promise<Account>;
  /** The newest last. */
  listAccounts(): Account[];
  /** By address, whatever its case or Unicode form; nothing for a text that is no address. */
  findAccount(email: string): Account | undefined;
  /**
   * Makes a link by which somebody makes their own account, once. A newer one for an address ends the older.
   *
   * @throws {InvalidEmailError} @throws {InvalidAccountDetailError} @throws {InvalidInviteError}
   * @throws {AccountExistsError} the address has an account already
   */
  invite(invite: NewInvite): Promise<Invite>;
  /**
   * Sets a password, and ends all sessions and refresh tokens of the account, in every process, at once. An access
   * token lives on for the minutes that it has. Tries of the old password are forgotten.
   *
   * @throws {UnknownAccountError} @throws {WeakPasswordError}
   */
  setPassword(email: string, password: string): Promise<void>;
  /**
   * The account if the password is its own, after the same work whether there is such an account, or
   * such a password, or not. Counts no tries: whoever calls it for a stranger limits their rate.
   */
  verifyPassword(email: string, password: string): Promise<Account | undefined>;
  /**
   * Notes that the account's person has signed in, from which on `mintAccessToken` asks for a reason.
   * For the sign-in that ends well; `verifyPassword` alone is none.
   *
   * @throws {UnknownAccountError}
   */
  recordSignIn(email: string): Promise<Account>;
  /**
   * Signs an access token (RFC 9068, RS256) in the account's name, once it is recorded in an append-only table:
   * for whom, when, which scope, why.
   *
   * @throws {UnknownAccountError} @throws {UnknownScopeError} @throws {OperatorScopeError}
   * @throws {ReasonRequiredError} @throws {InvalidTokenRequestError} @throws {InvalidIssuerUrlError}
   */
  mintAccessToken(request: AccessTokenRequest): Promise<string>;
  /**
   * OpenID Provider Metadata (OpenID Connect Discovery 1.0 §3), as far as it is true now.
   *
   * @throws {InvalidIssuerUrlError}
   */
  discovery(issuerUrl: string): Record<string, unknown>;
  /**
   * Deletes an account: its address is free, and nobody is signed in by it any more, in every process, at once. Access tokens live on
   * for the minutes that they have. Nothing where there is no such account.
   *
   * @param accountId as it is the subject of tokens
   */
  removeAccount(accountId: string): Promise<void>;
  /**
   * Ends all sessions and refresh tokens of an account, in every process, at once. Access tokens live on for the minutes that they
   * have. Nothing where there is no such account.
   *
   * @param accountId as it is the subject of tokens
   */
  endSignIns(accountId: string): Promise<void>;
  /**
   * Ends all sessions and refresh tokens of every account, in every process, at once, and every invite that was not used
   * yet: for a database that was put back from a backup, which knows of no revocation since.
   */
  endEverySignIn(): Promise<void>;
  /** The public parts of all keys, the signing one first. */
  jwks(): { keys: JWK[] };
  /** May be called twice. Keys and metadata can be read after it, accounts can't. */
  close(): void;
}

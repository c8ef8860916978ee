import type { Scope } from "@stowage/protocol";

/** One issuer whose access tokens are believed, and how to read them. */
export interface TrustedIssuer {
  /** Exactly as in the token's `iss`. */
  readonly issuer: string;
  /** What the token must be meant for: one of these. */
  readonly audience: string | readonly string[];
  /** The claim that says what it is meant for. Default `aud`. */
  readonly audienceClaim?: string;
  /** Where its keys are; found by OpenID Connect Discovery where absent. */
  readonly jwksUri?: string;
  /** Signature algorithms; asymmetric only. Default RS256, PS256, ES256, EdDSA. */
  readonly algorithms?: readonly string[];
  /**
   * The token's `typ` header; `none` where it has none. Default `at+jwt` (RFC 9068): an ID token is no access token.
   * With any other, `requiredClaims` must tell them apart.
   */
  readonly tokenType?: string;
  /** Claims that the token must have, each with one of these values; `*` is any. Default none. */
  readonly requiredClaims?: Readonly<Record<string, readonly string[]>>;
  /** Names of the claims that hold them. Defaults `email`, `email_verified`, `name`, `org`, `scope`. */
  readonly claims?: {
    readonly email?: string;
    /** `true`, or the text "true", where the e-mail is verified. */
    readonly emailVerified?: string;
    readonly name?: string;
    readonly organisation?: string;
    /** Scopes parted by spaces, or a list of them. */
    readonly scope?: string;
  };
  /** Whether what the token lacks of e-mail and name is asked from the userinfo endpoint. Default no. */
  readonly userinfo?: boolean;
  /** What stands before Stowage's scopes in the token; those without it count for nothing. Default nothing. */
  readonly scopePrefix?: string;
  /** Scopes that each token has, whatever it says. Default none. */
  readonly grantedScopes?: readonly Scope[];
}

/** Where an issuer's entry names none. */
export const defaultAlgorithms: readonly string[] = ["RS256", "PS256", "ES256", "EdDSA"];

/** The token proves nothing: the sentence says why, without quoting it. */
export class TokenRefusedError extends Error {
  override readonly name = "TokenRefusedError";
  readonly code = "unauthenticated";
}

/** The issuer's keys can't be had right now: nothing is known of the token. */
export class IssuerUnavailableError extends Error {
  override readonly name = "IssuerUnavailableError";
  readonly code = "unavailable";
}

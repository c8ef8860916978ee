import type { Scope } from "@stowage/protocol";

/** One entry of the setting `issuers`: an OpenID provider whose access tokens are believed. */
export interface ConfiguredIssuer {
  /** Exactly as in its tokens' `iss`: https, or http on loopback. */
  readonly issuer: string;
  /** What its tokens must be meant for: one of these. */
  readonly audience: readonly string[];
  /** The claim that says so. Default `aud`. */
  readonly audienceClaim?: string;
  /** The client as which the web page signs in; its secret where the provider gave it one. */
  readonly webClientId?: string;
  readonly webClientSecret?: string;
  /** The public client as which `stowage login` signs in. */
  readonly cliClientId?: string;
  /** Where it comes back to, for providers that want the port to be known. Default: any port of 127.0.0.1. */
  readonly cliRedirectUri?: string;
  /** What both ask for. Default: `openid profile email offline_access` and Stowage's own scopes, prefixed. */
  readonly scope?: string;
  /** Resource indicator (RFC 8707) that both send. */
  readonly resource?: string;
  /** Further parameters of the authorization request, such as Auth0's `audience`. */
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  /** The tokens' `typ` header, or `none` where they have none. Default `at+jwt` (RFC 9068). */
  readonly tokenType?: string;
  /** Claims that tell its access tokens from its other tokens: a value each, several, or `*` for any. */
  readonly requiredClaims?: Readonly<Record<string, readonly string[]>>;
  /** Signature algorithms, asymmetric. */
  readonly algorithms?: readonly string[];
  /** Names of the claims that hold these. Defaults `email`, `name`, `org`, `scope`. */
  readonly claims?: ClaimNames;
  /** Whether e-mail and name are asked from its userinfo endpoint where the token lacks them. Default no. */
  readonly userinfo?: boolean;
  /** What stands before Stowage's scopes in its tokens. Scopes without it then count for nothing. */
  readonly scopePrefix?: string;
  /** Scopes that each of its tokens has, whatever it says. */
  readonly grantedScopes?: readonly Scope[];
}

export interface ClaimNames {
  readonly email?: string;
  readonly emailVerified?: string;
  readonly name?: string;
  readonly organisation?: string;
  readonly scope?: string;
}

/** As it may be shown: that there is a client secret, but not which. */
export const withoutSecret = (issuer: ConfiguredIssuer): ConfiguredIssuer =>
  issuer.webClientSecret === undefined ? issuer : { ...issuer, webClientSecret: "(hidden)" };

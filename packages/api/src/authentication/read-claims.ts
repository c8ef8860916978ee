import type { KnownIdentity } from "@stowage/core";
import { type Scope, scopes } from "@stowage/protocol";
import type { JWTPayload } from "jose";
import { TokenRefusedError, type TrustedIssuer } from "./trusted-issuer.ts";

/** Of a person, as an issuer's claims tell it. */
export interface Personalia {
  readonly email?: string;
  /** Whether the issuer found that the e-mail is theirs; absent: nothing is said of it. */
  readonly emailVerified?: boolean;
  readonly name?: string;
  readonly organisation?: string;
}

type Claims = Readonly<Record<string, unknown>>;

const maxTextLength = 320;
const maxSubjectLength = 255;

const claimOf = (claims: Claims, name: string): unknown =>
  Object.hasOwn(claims, name) ? claims[name] : undefined;

/** The texts of a claim that is one, or a list of them. */
const textsOf = (claims: Claims, name: string): readonly string[] => {
  const value = claimOf(claims, name);
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "string");
};

/** Some providers give booleans as texts (Amazon Cognito's userinfo does). */
function flagOf(claims: Claims, name: string): boolean | undefined {
  const value = claimOf(claims, name);
  if (value === true || value === "true") return true;
  return value === undefined ? undefined : false;
}

/** @throws TokenRefusedError where the token is meant for others */
export function assertMeantForUs(
  { audience, audienceClaim = "aud" }: TrustedIssuer,
  payload: JWTPayload,
): void {
  const expected = typeof audience === "string" ? [audience] : audience;
  if (!textsOf(payload, audienceClaim).some((each) => expected.includes(each)))
    throw new TokenRefusedError("The token is not meant for this server.");
}

/**
 * Keys sign other tokens too, and some providers give all of them the same type. What is refused here is refused with
 * whatever configuration: Amazon Cognito's and Keycloak's ID and refresh tokens by the claim in which they say what they
 * are, any provider's ID token by a hash that only ID tokens have (OpenID Connect Core 1.0 section 3.3.2.11), logout and
 * security event tokens (RFC 8417 section 2.2), and a token that is bound to a key, of which nobody has shown the
 * possession (RFC 9449 section 7.1, RFC 8705 section 3).
 *
 * @throws TokenRefusedError
 */
export function assertAccessToken({ requiredClaims = {} }: TrustedIssuer, payload: JWTPayload): void {
  for (const [name, kinds] of otherTokens)
    if (textsOf(payload, name).some((each) => kinds.includes(each))) throw noAccessToken();
  for (const name of ["at_hash", "c_hash", "s_hash", "events"])
    if (claimOf(payload, name) !== undefined) throw noAccessToken();
  if (claimOf(payload, "cnf") !== undefined)
    throw new TokenRefusedError("The token is bound to a key (DPoP, mTLS), which is not supported here.");
  for (const [name, values] of Object.entries(requiredClaims)) {
    const texts = textsOf(payload, name).filter((each) => each !== "");
    if (!texts.some((each) => values.includes("*") || values.includes(each))) throw noAccessToken();
  }
}

const noAccessToken = () => new TokenRefusedError("The token is not an access token.");

const otherTokens: readonly (readonly [string, readonly string[]])[] = [
  ["token_use", ["id"]],
  ["typ", ["ID", "Refresh", "Offline", "Logout"]],
];

/** @throws TokenRefusedError */
export function subjectOf({ sub }: Claims): string {
  if (typeof sub !== "string" || sub === "" || sub.length > maxSubjectLength)
    throw new TokenRefusedError("The token names no subject.");
  return sub;
}

/** What a token or a userinfo answer says of a person. */
export function personaliaOf({ claims = {} }: TrustedIssuer, payload: Claims): Personalia {
  const text = (name: string): string | undefined => {
    const value = claimOf(payload, name);
    return typeof value === "string" && value !== ""
      ? value.slice(0, maxTextLength).toWellFormed()
      : undefined;
  };
  const email = text(claims.email ?? "email");
  const flag = flagOf(payload, claims.emailVerified ?? "email_verified");
  // That one is not verified holds for whatever other one is known; that it is, for none but the one beside it.
  const emailVerified = email === undefined && flag ? undefined : flag;
  const name = text(claims.name ?? "name");
  const organisation = text(claims.organisation ?? "org");
  return {
    ...(email === undefined ? {} : { email }),
    ...(emailVerified === undefined ? {} : { emailVerified }),
    ...(name === undefined ? {} : { name }),
    ...(organisation === undefined ? {} : { organisation }),
  };
}

/**
 * What a token says of a person, and beside it what the userinfo endpoint does. That an e-mail is verified holds for the e-mail of which it was
 * said.
 */
export function joinPersonalia(
  said: Personalia,
  asked: Personalia | undefined,
): Omit<KnownIdentity, "issuer" | "subject"> {
  const { emailVerified: _, ...joined } = { ...asked, ...said };
  const saysOfIt = [said, asked].find(
    (each) => each?.emailVerified !== undefined && (each.email === undefined || each.email === joined.email),
  );
  if (saysOfIt?.emailVerified) return { ...joined, emailVerified: true };
  // Where not all is known, that it was denied is to be told from nothing said.
  return { ...joined, ...(saysOfIt && asked === undefined ? { emailVerified: false } : {}) };
}

/** The scopes of ours that a token has, by our names: parted by spaces, or in a list as Okta's `scp`. */
export function scopesOf(
  { claims = {}, scopePrefix = "", grantedScopes = [] }: TrustedIssuer,
  payload: JWTPayload,
): ReadonlySet<Scope> {
  const said = new Set(textsOf(payload, claims.scope ?? "scope").flatMap((each) => each.split(" ")));
  return new Set(
    scopes.filter((scope) => said.has(`${scopePrefix}${scope}`) || grantedScopes.includes(scope)),
  );
}

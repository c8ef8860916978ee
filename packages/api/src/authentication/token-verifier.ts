import { hash } from "node:crypto";
import type { Identity } from "@stowage/core";
import {
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";

/** One issuer whose access tokens are believed, and how to read them. */
export interface TrustedIssuer {
  /** Exactly as in the token's `iss`. */
  readonly issuer: string;
  /** What must be in the token's `aud`. */
  readonly audience: string;
  /** Where its keys are; found by OpenID Connect Discovery where absent. */
  readonly jwksUri?: string;
  /** Signature algorithms; asymmetric only. Default RS256, PS256, ES256, EdDSA. */
  readonly algorithms?: readonly string[];
  /** The token's `typ` header. Default `at+jwt` (RFC 9068): an ID token is no access token. */
  readonly tokenType?: string;
  /** Names of the claims that hold them. Defaults `email`, `name`, `org`. */
  readonly claims?: { readonly email?: string; readonly name?: string; readonly organisation?: string };
}

export interface VerifiedToken {
  readonly identity: Identity;
  readonly scopes: ReadonlySet<string>;
  readonly expiresAtMs: number;
}

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

const defaultAlgorithms = ["RS256", "PS256", "ES256", "EdDSA"];

/** Clocks of issuers differ a little. */
const clockToleranceSeconds = 5;

/** Random key ids cost the issuer at most one fetch in this time. */
const jwksCooldownMs = 30_000;

const jwksTimeoutMs = 5_000;

/**
 * Verifies access tokens of the trusted issuers (RFC 7519, RFC 9068): algorithm allowlist, keys from the pinned
 * issuer only, type, issuer, audience, times.
 *
 * The returned function throws {@link TokenRefusedError} or {@link IssuerUnavailableError}.
 */
export function createTokenVerifier(
  issuers: readonly TrustedIssuer[],
): (token: string) => Promise<VerifiedToken> {
  const known = new Map(issuers.map((issuer) => [issuer.issuer, { ...issuer, getKey: keySource(issuer) }]));
  return async (token) => {
    const trusted = known.get(unverifiedIssuer(token));
    if (!trusted) throw new TokenRefusedError("The token's issuer is not trusted here.");
    try {
      const { payload } = await jwtVerify(token, trusted.getKey, {
        issuer: trusted.issuer,
        audience: trusted.audience,
        algorithms: [...(trusted.algorithms ?? defaultAlgorithms)],
        typ: trusted.tokenType ?? "at+jwt",
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ["sub", "exp"],
      });
      return verifiedToken(trusted, payload);
    } catch (error) {
      throw asRefusal(error);
    }
  };
}

function unverifiedIssuer(token: string): string {
  try {
    return decodeJwt(token).iss ?? "";
  } catch (cause) {
    throw new TokenRefusedError("The token is not a JWT.", { cause });
  }
}

function keySource({ issuer, jwksUri }: TrustedIssuer): JWTVerifyGetKey {
  const open = (uri: string) =>
    createRemoteJWKSet(new URL(uri), { cooldownDuration: jwksCooldownMs, timeoutDuration: jwksTimeoutMs });
  if (jwksUri !== undefined) return open(jwksUri);
  let discovered: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    discovered ??= discoverJwksUri(issuer).then(open);
    try {
      return await (await discovered)(header, token);
    } catch (error) {
      if (error instanceof IssuerUnavailableError) discovered = undefined;
      throw error;
    }
  };
}

/** OpenID Connect Discovery 1.0 section 4. */
async function discoverJwksUri(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  try {
    const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(jwksTimeoutMs) });
    const document = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
    if (response.ok && document.issuer === issuer && typeof document.jwks_uri === "string")
      return document.jwks_uri;
  } catch (cause) {
    throw new IssuerUnavailableError(`The issuer's discovery document can't be had from ${url}.`, { cause });
  }
  throw new IssuerUnavailableError(`What ${url} answers is not this issuer's discovery document.`);
}

function verifiedToken({ issuer, claims }: TrustedIssuer, payload: JWTPayload): VerifiedToken {
  const text = (name: string): string | undefined => {
    const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
    return typeof value === "string" && value !== "" ? value.slice(0, 320) : undefined;
  };
  const subject: unknown = payload.sub;
  if (typeof subject !== "string" || subject === "" || subject.length > 255)
    throw new TokenRefusedError("The token names no subject.");
  const email = text(claims?.email ?? "email");
  const name = text(claims?.name ?? "name");
  const organisation = text(claims?.organisation ?? "org");
  return {
    identity: {
      issuer,
      subject,
      ...(email === undefined ? {} : { email }),
      ...(name === undefined ? {} : { name }),
      ...(organisation === undefined ? {} : { organisation }),
    },
    scopes: new Set((text("scope") ?? "").split(" ").filter((scope) => scope !== "")),
    expiresAtMs: (payload.exp ?? 0) * 1000,
  };
}

/** jose says in a code what is wrong; the person hears which check failed, and nothing of the token. */
const sentences: ReadonlyMap<string, string> = new Map([
  ["ERR_JWT_EXPIRED", "The token has expired: sign in again."],
  ["ERR_JWT_CLAIM_VALIDATION_FAILED", "The token is not meant for this server."],
  ["ERR_JWS_SIGNATURE_VERIFICATION_FAILED", "The token's signature is wrong."],
  ["ERR_JWKS_NO_MATCHING_KEY", "The token is signed with a key that its issuer does not have."],
  ["ERR_JOSE_ALG_NOT_ALLOWED", "The token is signed with an algorithm that is not allowed."],
]);

function asRefusal(error: unknown): Error {
  if (error instanceof TokenRefusedError || error instanceof IssuerUnavailableError) return error;
  if (
    error instanceof errors.JWKSTimeout ||
    !(error instanceof errors.JOSEError) ||
    error.code === "ERR_JOSE_GENERIC"
  )
    return new IssuerUnavailableError("The issuer's keys can't be had right now.", { cause: error });
  return new TokenRefusedError(sentences.get(error.code) ?? "The token is not valid.", { cause: error });
}

/** Digest by which a verified token is remembered; the token itself is not kept. */
export const tokenDigest = (token: string): string => hash("sha256", token, "base64");

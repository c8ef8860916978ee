import { issuerSkewMs, type KnownIdentity } from "@stowage/core";
import type { Scope } from "@stowage/protocol";
import { decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { createIssuerMetadata } from "./issuer-metadata.ts";
import { createKeySource } from "./key-source.ts";
import {
  assertAccessToken,
  assertMeantForUs,
  joinPersonalia,
  type Personalia,
  personaliaOf,
  scopesOf,
  subjectOf,
} from "./read-claims.ts";
import {
  defaultAlgorithms,
  IssuerUnavailableError,
  TokenRefusedError,
  type TrustedIssuer,
} from "./trusted-issuer.ts";
import { createUserinfo } from "./userinfo.ts";

export interface VerifiedToken {
  readonly identity: KnownIdentity;
  readonly scopes: ReadonlySet<Scope>;
  /** As the token says; 0 where it does not. */
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** When what is said of the person was: as the token was issued, or its issuer answered. Absent: that is not known. */
  readonly saidAtMs?: number;
  /** How far any token of its issuer was from the future when it was seen first: its clock is ahead by as much at least. */
  readonly issuerAheadMs: number;
}

/** Clocks of issuers differ a little. */
const clockToleranceSeconds = issuerSkewMs / 1000;

/** One issuer with the keys it signs with. */
interface KnownIssuer {
  readonly trusted: TrustedIssuer;
  readonly getKey: JWTVerifyGetKey;
  readonly userinfo: ReturnType<typeof createUserinfo> | undefined;
  aheadMs: number;
}

/**
 * Verifies access tokens of the trusted issuers (RFC 7519, RFC 9068): algorithm allowlist, keys from the pinned
 * issuer only, type, issuer, audience, times.
 *
 * @param o.report - is told of each fetch from an issuer that fails
 *
 * The returned function throws {@link TokenRefusedError} or {@link IssuerUnavailableError}.
 */
export function createTokenVerifier(o: {
  readonly issuers: readonly TrustedIssuer[];
  readonly nowMs: () => number;
  readonly report: (issuer: string, error: Error) => void;
  /** Of each fetch of keys: when it has taken too long. Default: after 5 seconds. */
  readonly newTimeout?: () => AbortSignal;
}): (token: string) => Promise<VerifiedToken> {
  const known = new Map(o.issuers.map((trusted) => [trusted.issuer, knownIssuer(trusted, o)]));
  return async (token) => {
    const issuer = known.get(unverifiedIssuer(token));
    if (!issuer) throw new TokenRefusedError("The token's issuer is not trusted here.");
    try {
      return await verifyToken(issuer, token, o.nowMs());
    } catch (error) {
      throw asRefusal(error);
    }
  };
}

function knownIssuer(
  trusted: TrustedIssuer,
  o: Omit<Parameters<typeof createTokenVerifier>[0], "issuers">,
): KnownIssuer {
  const { nowMs } = o;
  const report = (error: Error) => o.report(trusted.issuer, error);
  const metadata = createIssuerMetadata(trusted.issuer, nowMs, o.newTimeout);
  const { jwksUri } = trusted;
  return {
    trusted,
    getKey: createKeySource({
      uri: async () => jwksUri ?? (await metadata()).jwksUri,
      nowMs,
      report,
      newTimeout: o.newTimeout,
    }),
    userinfo: trusted.userinfo ? createUserinfo({ issuer: trusted, metadata, nowMs, report }) : undefined,
    aheadMs: 0,
  };
}

async function verifyToken(known: KnownIssuer, token: string, nowMs: number): Promise<VerifiedToken> {
  const { trusted, getKey, userinfo } = known;
  const { issuer, algorithms = defaultAlgorithms, tokenType = "at+jwt" } = trusted;
  const { payload, protectedHeader } = await jwtVerify(token, getKey, {
    issuer,
    algorithms: [...algorithms],
    ...(tokenType === "none" ? {} : { typ: tokenType }),
    currentDate: new Date(nowMs),
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ["sub", "exp"],
  });
  if (tokenType === "none" && protectedHeader.typ !== undefined)
    throw new TokenRefusedError("The token is not an access token.");
  assertMeantForUs(trusted, payload);
  assertAccessToken(trusted, payload);
  const issuedAtMs = Math.floor((payload.iat ?? 0) * 1000);
  // Who signs out everywhere ends what was issued before: a time that is to come must not outlive that.
  if (issuedAtMs > nowMs + issuerSkewMs)
    throw new TokenRefusedError(
      "The token was issued later than it is here: the clock of its issuer or of this server is wrong.",
    );
  known.aheadMs = Math.max(known.aheadMs, issuedAtMs - nowMs);
  const subject = subjectOf(payload);
  const expiresAtMs = (payload.exp ?? 0) * 1000;
  const said = personaliaOf(trusted, payload);
  const isAsked = userinfo !== undefined && isLacking(trusted, said);
  const told = isAsked ? await userinfo(token, { subject, expiresAtMs }) : undefined;
  const asked = isAsked ? told?.personalia : {};
  const saidAtMs = told && !saysWhoSees(said) ? Math.max(told.atMs, issuedAtMs) : issuedAtMs;
  return {
    identity: {
      issuer,
      subject,
      ...joinPersonalia(said, asked),
      ...(asked === undefined && { isPartial: true }),
    },
    scopes: scopesOf(trusted, payload),
    issuedAtMs,
    expiresAtMs,
    issuerAheadMs: known.aheadMs,
    ...(saidAtMs > 0 && { saidAtMs }),
  };
}

/** An organisation is asked for where somebody says which claim holds it. */
const isLacking = (
  { claims }: TrustedIssuer,
  { email, emailVerified, name, organisation }: Personalia,
): boolean =>
  email === undefined ||
  emailVerified === undefined ||
  name === undefined ||
  (claims?.organisation !== undefined && organisation === undefined);

/** Whether a token itself says any of what decides whose files its person sees: that is as old as the token, whatever else was asked since. */
const saysWhoSees = ({ email, emailVerified, organisation }: Personalia): boolean =>
  email !== undefined || emailVerified !== undefined || organisation !== undefined;

function unverifiedIssuer(token: string): string {
  try {
    return decodeJwt(token).iss ?? "";
  } catch (cause) {
    throw new TokenRefusedError("The token is not a JWT.", { cause });
  }
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
  if (error instanceof errors.JOSEError)
    return new TokenRefusedError(sentences.get(error.code) ?? "The token is not valid.", { cause: error });
  // A published key that can't be used, such as one that is too short.
  return new IssuerUnavailableError("The issuer's keys can't be used.", { cause: error });
}

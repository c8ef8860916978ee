import { decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { TokenRefusedError } from "./trusted-issuer.ts";

/** How tokens that Stowage signs itself are made and known again. */
export interface CapabilityTokenOptions {
  /** 32 bytes that only the servers of this data directory know; the same at every start. */
  readonly key: Uint8Array;
  /** What the tokens are for: the API's own resource. */
  readonly audience: string;
}

export interface CapabilityTokens {
  /** A token for the capability of that id. */
  sign(capability: { readonly id: string; readonly endsAtMs: number }): Promise<string>;
  /**
   * The capability's id, once the token is known to be one of ours: whether that is good for anything is for its row to say.
   *
   * @throws TokenRefusedError with one sentence, whatever is wrong
   */
  verify(token: string): Promise<string>;
}

/** The `typ` in its header, which no issuer's tokens have (RFC 8725, section 3.11). */
const tokenType = "stowage-capability+jwt";

const issuer = "urn:stowage:capabilities";

const algorithm = "HS256";

/** One sentence for all: who holds a token that is no good learns nothing of why. */
export const capabilityRefused = "The token is not valid, or not any more: it has ended or was taken back.";

/** Whether its header, unverified, says that Stowage signed it: then no issuer's keys are tried on it, and it on no issuer's. */
export function isCapabilityToken(token: string): boolean {
  try {
    const { typ } = decodeProtectedHeader(token);
    // A media type: case says nothing, and `application/` may stand before it (RFC 7515, section 4.1.9).
    return typ?.toLowerCase().replace(/^application\//, "") === tokenType;
  } catch {
    return false;
  }
}

/** JWTs (RFC 7519) with one algorithm, one key, one issuer and one audience. */
export function createCapabilityTokens(
  { key, audience }: CapabilityTokenOptions,
  nowMs: () => number,
): CapabilityTokens {
  if (key.byteLength < 32) throw new Error("A key of capability tokens has at least 32 bytes.");
  return {
    sign: ({ id, endsAtMs }) =>
      new SignJWT()
        .setProtectedHeader({ alg: algorithm, typ: tokenType })
        .setIssuer(issuer)
        .setAudience(audience)
        .setJti(id)
        .setIssuedAt(Math.floor(nowMs() / 1000))
        .setExpirationTime(Math.ceil(endsAtMs / 1000))
        .sign(key),

    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [algorithm],
          typ: tokenType,
          issuer,
          audience,
          requiredClaims: ["jti", "iat", "exp"],
          currentDate: new Date(nowMs()),
        });
        if (typeof payload.jti === "string") return payload.jti;
        throw new Error("A token's id is a text.");
      } catch (cause) {
        throw new TokenRefusedError(capabilityRefused, { cause });
      }
    },
  };
}

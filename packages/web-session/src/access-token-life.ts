import { decodeJwt } from "jose";

/** Of a token that says nothing of its end, as `expires_in` is only recommended (RFC 6749 section 5.1). */
const assumedSeconds = 60;

/** How long an access token still lives whose issuer did not say, by its own `exp` where it is a JWT. */
export function expiresInSecondsOf(accessToken: string, nowMs: number): number {
  const { exp } = claimsOf(accessToken);
  return exp === undefined ? assumedSeconds : Math.max(0, Math.floor(exp - nowMs / 1000));
}

function claimsOf(accessToken: string): { readonly exp?: number | undefined } {
  try {
    return decodeJwt(accessToken);
  } catch {
    // Opaque: only the issuer can read it.
    return {};
  }
}

import type { TokenEndpointResponse } from "openid-client";
import type { AccessToken, Credentials } from "./credentials.ts";
import { discoverIssuer } from "./issuer-client.ts";

/**
 * Trades the refresh token for new tokens (RFC 6749 section 6) at the issuer that gave it, and at no other.
 *
 * @throws what openid-client throws, an Error where the tokens are another person's
 */
export async function renewTokens(credentials: Credentials, nowMs: () => number): Promise<Credentials> {
  const { refreshToken = "", resource, subject } = credentials;
  const configuration = await discoverIssuer(credentials);
  const { refreshTokenGrant } = await import("openid-client");
  const tokens = await refreshTokenGrant(
    configuration,
    refreshToken,
    resource === undefined ? {} : { resource },
  );
  // OpenID Connect Core 1.0 section 12.2.
  if ((tokens.claims()?.sub ?? subject) !== subject)
    throw new Error("The issuer answered with the tokens of another person.");
  return {
    ...credentials,
    accessToken: accessTokenOf(tokens, nowMs()),
    refreshToken: tokens.refresh_token ?? refreshToken,
  };
}

/** An access token as it is kept. */
export function accessTokenOf(
  { access_token: value, expires_in: lifeSeconds }: TokenEndpointResponse,
  nowMs: number,
): AccessToken {
  return {
    value,
    obtainedAt: new Date(nowMs).toISOString(),
    ...(lifeSeconds !== undefined && { expiresAt: new Date(nowMs + lifeSeconds * 1000).toISOString() }),
  };
}

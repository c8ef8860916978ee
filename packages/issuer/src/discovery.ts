import { parseIssuerUrl } from "./issuer-url.ts";
import { accessTokenScopes } from "./scopes.ts";

/**
 * OpenID Provider Metadata (OpenID Connect Discovery 1.0 §3) of an issuer whose tokens an operator mints.
 * Nobody can ask it for one over HTTP, so there is no authorization or token endpoint, and the lists of
 * response and grant types are empty: leaving these out would claim the defaults, which are code and implicit.
 *
 * @throws {InvalidIssuerUrlError}
 */
export function discovery(issuerUrl: string): Record<string, unknown> {
  const { base } = parseIssuerUrl(issuerUrl);
  return {
    issuer: issuerUrl,
    jwks_uri: `${base}/jwks`,
    scopes_supported: [...accessTokenScopes],
    response_types_supported: [],
    grant_types_supported: [],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    claims_supported: [
      "iss",
      "sub",
      "aud",
      "exp",
      "iat",
      "email",
      "email_verified",
      "name",
      "org",
      "operator",
    ],
  };
}

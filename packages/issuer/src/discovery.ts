import { parseIssuerUrl } from "./issuer-url.ts";
import { accessTokenScopes } from "./scopes.ts";

/**
 * OpenID Provider Metadata (OpenID Connect Discovery 1.0 §3; RFC 8414; `prompt_values_supported` of Initiating User
 * Registration 1.0). What is left out would claim its default.
 *
 * @throws {InvalidIssuerUrlError}
 */
export function discovery(issuerUrl: string): Record<string, unknown> {
  const { base } = parseIssuerUrl(issuerUrl);
  return {
    issuer: issuerUrl,
    authorization_endpoint: `${base}/auth`,
    token_endpoint: `${base}/token`,
    revocation_endpoint: `${base}/revocation`,
    end_session_endpoint: `${base}/end-session`,
    jwks_uri: `${base}/jwks`,
    scopes_supported: ["openid", "email", "profile", "offline_access", ...accessTokenScopes],
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    code_challenge_methods_supported: ["S256"],
    prompt_values_supported: ["none", "login", "consent", "create"],
    authorization_response_iss_parameter_supported: true,
    token_endpoint_auth_methods_supported: ["none"],
    revocation_endpoint_auth_methods_supported: ["none"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    claims_supported: [
      "iss",
      "sub",
      "aud",
      "exp",
      "iat",
      "auth_time",
      "nonce",
      "email",
      "email_verified",
      "name",
    ],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  };
}

import type { ClientMetadata } from "oidc-provider";

export const webClientId = "stowage-web";
export const cliClientId = "stowage-cli";

/**
 * The two clients there are; nobody can register another. Both are public (RFC 6749 §2.1) and so must use PKCE. Of the
 * command line's address the port is free (RFC 8252 §7.3), of the web page's nothing is.
 */
export function clientsOf(webOrigin: string): ClientMetadata[] {
  const shared = {
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    response_modes: ["query"],
  } as const;
  return [
    {
      ...shared,
      client_id: webClientId,
      client_name: "Stowage",
      application_type: "web",
      redirect_uris: [`${webOrigin}/session/callback`],
      post_logout_redirect_uris: [`${webOrigin}/`],
    },
    {
      ...shared,
      client_id: cliClientId,
      client_name: "Stowage command line",
      application_type: "native",
      redirect_uris: ["http://127.0.0.1/callback"],
      post_logout_redirect_uris: [`${webOrigin}/`],
    },
  ];
}

/** What a person knows a client by. */
export const clientName = (clientId: string): string =>
  clientId === cliClientId ? "the Stowage command line" : "Stowage";

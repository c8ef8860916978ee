import type { Configuration } from "openid-client";

/** The issuer does not answer longer than this: it is away. */
export const issuerTimeoutMs = 15_000;

/** What is needed to speak with an issuer on behalf of this program. */
export interface IssuerClient {
  readonly issuer: string;
  readonly clientId: string;
  /** Plain http beyond this machine. */
  readonly insecureHttp?: boolean | undefined;
}

/**
 * Finds the issuer's endpoints (OpenID Connect Discovery 1.0). The document must be this very issuer's.
 *
 * @throws what openid-client throws: `describeIssuerFailure` puts it into words
 */
export async function discoverIssuer({
  issuer,
  clientId,
  insecureHttp,
}: IssuerClient): Promise<Configuration> {
  // Loaded when it is needed: most commands never speak with an issuer.
  const { allowInsecureRequests, discovery, None } = await import("openid-client");
  const url = new URL(issuer);
  return discovery(url, clientId, { token_endpoint_auth_method: "none" }, None(), {
    timeout: issuerTimeoutMs / 1000,
    execute: mayUseHttp(url, insecureHttp) ? [allowInsecureRequests] : [],
  });
}

/** Plain http is for this machine, or said aloud. */
export const mayUseHttp = (url: URL, insecureHttp: boolean | undefined): boolean =>
  url.protocol === "http:" && (insecureHttp === true || isLoopback(url.hostname));

/** Names and addresses that never leave this machine (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3, RFC 4291). */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  hostname === "[::1]" ||
  /^127(?:\.\d{1,3}){3}$/.test(hostname);

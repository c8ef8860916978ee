import { fetchJson } from "./fetch-json.ts";
import { IssuerUnavailableError } from "./trusted-issuer.ts";

/** What is needed of an issuer's discovery document (OpenID Connect Discovery 1.0 section 3). */
export interface IssuerMetadata {
  readonly jwksUri: string;
  readonly userinfoEndpoint?: string;
}

/** For so long nobody asks again where an issuer's endpoints are. */
const believedForMs = 10 * 60_000;

/**
 * Reads an issuer's discovery document, once in ten minutes; what was read once is believed on where it can't be had
 * any more.
 *
 * The returned function throws {@link IssuerUnavailableError}.
 */
export function createIssuerMetadata(
  issuer: string,
  nowMs: () => number,
  newTimeout?: () => AbortSignal,
): () => Promise<IssuerMetadata> {
  let known: { readonly metadata: IssuerMetadata; readonly sinceMs: number } | undefined;
  let pending: Promise<IssuerMetadata> | undefined;
  const read = async () => {
    try {
      known = { metadata: await discover(issuer, newTimeout?.()), sinceMs: nowMs() };
    } catch (error) {
      if (!known) throw error;
      known = { ...known, sinceMs: nowMs() };
    }
    return known.metadata;
  };
  return () => {
    const ageMs = known ? nowMs() - known.sinceMs : Number.POSITIVE_INFINITY;
    if (known && ageMs >= 0 && ageMs < believedForMs) return Promise.resolve(known.metadata);
    pending ??= read().finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

/**
 * OpenID Connect Discovery 1.0 section 4.
 *
 * @throws IssuerUnavailableError
 */
export async function discover(issuer: string, timeout?: AbortSignal): Promise<IssuerMetadata> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const document = await fetchJson(url, {}, timeout).catch((cause: unknown) => {
    throw new IssuerUnavailableError(`The issuer's discovery document can't be had from ${url}.`, { cause });
  });
  const { jwks_uri: jwksUri, userinfo_endpoint: userinfoEndpoint } = document;
  if (document.issuer !== issuer || !isEndpointOf(issuer, jwksUri))
    throw new IssuerUnavailableError(`What ${url} answers is not this issuer's discovery document.`);
  return { jwksUri, ...(isEndpointOf(issuer, userinfoEndpoint) ? { userinfoEndpoint } : {}) };
}

/** https, or http where the issuer itself is reached so: it is on loopback then. */
const isEndpointOf = (issuer: string, endpoint: unknown): endpoint is string =>
  typeof endpoint === "string" &&
  URL.canParse(endpoint) &&
  (new URL(endpoint).protocol === "https:" ||
    (new URL(endpoint).protocol === "http:" && issuer.startsWith("http:")));

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Issuer } from "./issuer.ts";
import { parseIssuerUrl } from "./issuer-url.ts";

/** Bounds how long a client goes on with the keys that it has read. */
const maxAgeSeconds = 300;

/**
 * Serves what clients and the API need to know of an issuer: `GET` (or `HEAD`) of
 * `{path of issuerUrl}/.well-known/openid-configuration` and `{path of issuerUrl}/jwks`, to every origin.
 * Anything else is a 404. The request's URL is the whole path, as Node gives it.
 *
 * @throws {InvalidIssuerUrlError}
 */
export function createIssuerHttpHandler({
  issuer,
  issuerUrl,
}: {
  readonly issuer: Issuer;
  readonly issuerUrl: string;
}): (request: IncomingMessage, response: ServerResponse) => void {
  const { path } = parseIssuerUrl(issuerUrl);
  const documents = new Map<string, () => unknown>([
    [`${path}/.well-known/openid-configuration`, () => issuer.discovery(issuerUrl)],
    [`${path}/jwks`, () => issuer.jwks()],
  ]);

  return ({ method, url = "" }, response) => {
    const [requestPath = ""] = url.split("?", 1);
    const document = method === "GET" || method === "HEAD" ? documents.get(requestPath) : undefined;
    if (document) send(response, 200, document(), `public, max-age=${maxAgeSeconds}`);
    else send(response, 404, { error: "not_found" }, "no-store");
  };
}

function send(response: ServerResponse, status: number, body: unknown, cacheControl: string): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": bytes.length,
    "Cache-Control": cacheControl,
    "Access-Control-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(bytes);
}

import type { IncomingMessage } from "node:http";

/**
 * Whether a form was sent by a page of ours: browsers say so in `Origin` (Fetch §3.2) and `Sec-Fetch-Site`. Who says
 * neither is no browser that could be led into sending it.
 */
export function isSameOrigin({ headers }: IncomingMessage, origin: string): boolean {
  if (headers.origin !== undefined) return headers.origin === origin;
  const site = headers["sec-fetch-site"];
  return site === undefined || site === "same-origin";
}

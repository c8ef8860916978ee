import type { IncomingMessage } from "node:http";

/**
 * Whether a page of our own origin sent this request, by what no page can forge: `Origin` (RFC 6454) and
 * `Sec-Fetch-Site` (Fetch Metadata). A request with neither is no page's, and is not taken.
 */
export function isSameOrigin({ headers }: IncomingMessage, publicUrl: string): boolean {
  const { origin, "sec-fetch-site": site } = headers;
  if (origin === undefined && site === undefined) return false;
  return (origin === undefined || origin === publicUrl) && (site === undefined || site === "same-origin");
}

/** Whether a browser asks for a page, not for a picture, a frame or a script's data. True of clients that don't say. */
export const isNavigation = ({ headers }: IncomingMessage): boolean =>
  (headers["sec-fetch-dest"] ?? "document") === "document";

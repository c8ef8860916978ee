import type { IssuerFetch } from "@stowage/web-session";
import type { ProcessSetup } from "./process-setup.ts";

/**
 * A `fetch` that asks our own process for what is on the public origin: that may lead through a proxy, over TLS that
 * only people's browsers trust, and by a name that this machine does not know.
 */
export function fetchFromInside({
  publicUrl,
  internalApiUrl,
}: Pick<ProcessSetup, "publicUrl" | "internalApiUrl">): IssuerFetch {
  return (url, options) => {
    const isOurs = url === publicUrl || url.startsWith(`${publicUrl}/`);
    return fetch(isOurs ? `${internalApiUrl}${url.slice(publicUrl.length)}` : url, options as RequestInit);
  };
}

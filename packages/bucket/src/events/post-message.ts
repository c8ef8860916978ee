import http from "node:http";
import https from "node:https";

/** What became of a message that was sent once. */
export type PostOutcome =
  /** 2xx. */
  | { readonly outcome: "taken" }
  /** It may be taken later: no answer, 408, 429 or 5xx. */
  | { readonly outcome: "unavailable"; readonly why: string; readonly retryAfterMs?: number }
  /** It never will be: any other status. Redirects are not followed. */
  | { readonly outcome: "refused"; readonly why: string };

function outcomeOf(response: http.IncomingMessage): PostOutcome {
  const { statusCode = 0, headers } = response;
  const why = `status ${statusCode}`;
  if (statusCode >= 200 && statusCode < 300) return { outcome: "taken" };
  if (statusCode < 500 && statusCode !== 408 && statusCode !== 429) return { outcome: "refused", why };
  const retryAfter = headers["retry-after"];
  if (retryAfter === undefined || !/^\d{1,6}$/.test(retryAfter)) return { outcome: "unavailable", why };
  return { outcome: "unavailable", why, retryAfterMs: Number(retryAfter) * 1000 };
}

/** Sends JSON once. Never rejects: an error on the way, or `signal`, is an outcome, too. */
export function postMessage(
  { url, bearerToken }: { readonly url: URL; readonly bearerToken: string },
  json: string,
  signal: AbortSignal,
): Promise<PostOutcome> {
  return new Promise((resolve) => {
    const unavailable = (error: Error & { readonly code?: string }): void =>
      resolve({ outcome: "unavailable", why: error.code ?? error.name });
    const request = (url.protocol === "https:" ? https : http).request(url, {
      method: "POST",
      // A connection of its own: there are few messages, and none fails on one that has gone stale.
      agent: false,
      signal,
      headers: {
        authorization: `Bearer ${bearerToken}`,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(json),
      },
    });
    request.on("error", unavailable);
    request.on("response", (response) => {
      resolve(outcomeOf(response));
      // What else it says is of no interest.
      response.destroy();
    });
    request.end(json);
  });
}

import type { ApiOptions, BytesSender, FileSource } from "./ports.ts";

/** Only the beginning of a store's answer is looked at. */
const keptCharacters = 2000;

/** Sends with `fetch`, which tells nothing of the bytes on their way. */
export function createFetchSender(fetch: ApiOptions["fetch"]): BytesSender<FileSource> {
  return async ({ url, method, headers }, source, { onSent, signal }) => {
    const response = await fetch(url, { method, headers, body: await source.body(), signal });
    const body = (await response.text()).slice(0, keptCharacters);
    onSent(source.sizeBytes);
    return { status: response.status, retryAfter: response.headers.get("retry-after") ?? undefined, body };
  };
}

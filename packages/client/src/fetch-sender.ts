import type { ApiOptions, BytesSender, FileSource } from "./ports.ts";

/** Only the beginning of a store's answer is looked at. */
const keptCharacters = 2000;

/** Sends with `fetch`, which tells nothing of the bytes on their way. */
export function createFetchSender(fetch: ApiOptions["fetch"]): BytesSender<FileSource> {
  return async ({ url, method, headers }, bytes, { onSent, signal }) => {
    const response = await fetch(url, { method, headers, body: await bytes.body(), signal });
    const body = (await response.text()).slice(0, keptCharacters);
    onSent(bytes.sizeBytes);
    return { status: response.status, retryAfter: response.headers.get("retry-after") ?? undefined, body };
  };
}

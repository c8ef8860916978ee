import { AbortedError } from "../errors.ts";
import type { BytesSender } from "../ports.ts";
import type { BlobSource } from "./blob-source.ts";
import { assertReadable } from "./read-blob.ts";

/** Only the beginning of a store's answer is looked at. */
const keptCharacters = 2000;

/**
 * Sends by XMLHttpRequest: `fetch` tells nothing of the bytes on their way. No header is set but the request's own, and
 * no credentials go along: what is signed is all that the store needs.
 */
export const xhrSender: BytesSender<BlobSource> = async (
  { url, method, headers },
  bytes,
  { onSent, signal },
) => {
  const body = await bytes.body();
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new AbortedError());
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const fail = () =>
      assertReadable(body, bytes.name).then(() => reject(new Error("no answer came")), reject);
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onload = () =>
      resolve({
        status: request.status,
        // Where the store's CORS does not expose it, it is null.
        retryAfter: request.getResponseHeader("retry-after") ?? undefined,
        body: request.responseText.slice(0, keptCharacters),
      });
    request.onerror = () => void fail();
    request.onabort = () => reject(new AbortedError());
    request.onloadend = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort);
    request.send(body);
  });
};

import type { BlobSource } from "../browser/blob-source.ts";
import { browserClock, randomFraction } from "../browser/browser-clock.ts";
import { readBlob } from "../browser/read-blob.ts";
import type { ApiOptions, Digest } from "../ports.ts";
import { createUploader, type Uploader } from "../uploader.ts";

/** There is no worker in an insecure context: SubtleCrypto is always there. */
const digest: Digest<BlobSource> = {
  async sha256(bytes, onRead) {
    const read = await readBlob(await bytes.body(), bytes.name);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", read));
    onRead(read.length);
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  },
};

/** After that the browser is asked to come again, which waits better. */
const maxAttempts = 4;

/** An uploader in a service worker, which has `fetch` alone. */
export const createWorkerUploader = (
  options: Pick<ApiOptions, "server" | "getToken">,
): Uploader<BlobSource> =>
  createUploader<BlobSource>({
    ...options,
    fetch: (url, init) => fetch(url, { ...init, credentials: "omit" } as RequestInit),
    digest,
    clock: browserClock,
    random: randomFraction,
    abortController: () => new AbortController(),
    maxAttempts,
  });

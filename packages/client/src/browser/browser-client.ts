import type { AbortSignalLike, ApiOptions, ClientOptions, Clock } from "../ports.ts";
import { createUploader, type Uploader } from "../uploader.ts";
import { blobDigest } from "./blob-digest.ts";
import type { BlobSource } from "./blob-source.ts";
import { browserConnectivity } from "./browser-connectivity.ts";
import { xhrSender } from "./xhr-sender.ts";

export interface BrowserPlatformOptions
  extends Pick<ApiOptions, "getToken" | "maxAttempts" | "requestTimeoutMs">,
    Pick<ClientOptions<BlobSource>, "concurrency" | "idleTimeoutMs"> {
  /** The API's origin. Default: the page's own. */
  readonly server?: string | undefined;
}

/** An uploader for one person in a page or a worker. The API must allow the page's origin where it is not its own. */
export const createBrowserUploader = (options: BrowserPlatformOptions): Uploader<BlobSource> =>
  createUploader(browserPlatform(options));

export const browserPlatform = ({
  server = location.origin,
  ...options
}: BrowserPlatformOptions): ClientOptions<BlobSource> => ({
  ...options,
  server,
  fetch: (url, init) => fetch(url, { ...init, credentials: "omit" } as RequestInit),
  send: xhrSender,
  digest: blobDigest,
  clock,
  random: randomFraction,
  abortController: () => new AbortController(),
  connectivity: browserConnectivity,
});

const clock: Clock = {
  nowMs: () => performance.now(),
  delay: (delayMs: number, signal: AbortSignalLike) =>
    new Promise((resolve, reject) => {
      const abort = () => {
        clearTimeout(timer);
        reject(new Error("The wait was aborted."));
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", abort);
        resolve();
      }, delayMs);
      signal.addEventListener("abort", abort);
      if (signal.aborted) abort();
    }),
};

/** As `Math.random`, of the platform's own randomness: refs are made of it. */
const randomFraction = (): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;

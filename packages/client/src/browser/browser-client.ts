import type { ApiOptions, ClientOptions } from "../ports.ts";
import { createSendingUploader, type Uploader } from "../uploader.ts";
import { blobDigest } from "./blob-digest.ts";
import type { BlobSource } from "./blob-source.ts";
import { browserClock, randomFraction } from "./browser-clock.ts";
import { browserConnectivity } from "./browser-connectivity.ts";
import { originOf } from "./origin-of.ts";
import { xhrSender } from "./xhr-sender.ts";

export interface BrowserPlatformOptions
  extends Pick<ApiOptions, "getToken" | "maxAttempts" | "requestTimeoutMs">,
    Pick<ClientOptions<BlobSource>, "idleTimeoutMs"> {
  /** Default `{ min: 1, max: 6 }`. */
  readonly concurrency?: ClientOptions<BlobSource>["concurrency"];
  /** The API's origin. Default: the page's own. */
  readonly server?: string | undefined;
}

/** By HTTP/1.1 browsers have six connections to an origin. */
const defaultConcurrency = { min: 1, max: 6 };

/** An uploader for one person in a page or a worker. The API must allow the page's origin where it is not its own. */
export const createBrowserUploader = (options: BrowserPlatformOptions): Uploader<BlobSource> =>
  createSendingUploader(browserPlatform(options));

export const browserPlatform = ({
  server,
  concurrency = defaultConcurrency,
  ...options
}: BrowserPlatformOptions) => ({
  ...options,
  server: originOf(server),
  concurrency,
  fetch: (url: string, init: object) => fetch(url, { ...init, credentials: "omit" }),
  send: xhrSender,
  digest: blobDigest,
  clock: browserClock,
  random: randomFraction,
  abortController: () => new AbortController(),
  connectivity: browserConnectivity,
});

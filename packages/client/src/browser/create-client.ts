import {
  type Client,
  type ClientQueueOptions,
  createClient as createPortableClient,
} from "../create-client.ts";
import type { QueuedUpload } from "../queue/queued-upload.ts";
import type { AddOptions, UploadQueue } from "../queue/upload-queue.ts";
import { type BlobSource, blobSource } from "./blob-source.ts";
import { createBroadcastChannel } from "./broadcast-channel.ts";
import { type BrowserPlatformOptions, browserPlatform } from "./browser-client.ts";
import { openBrowserStore } from "./open-browser-store.ts";
import { createWebLock } from "./web-lock.ts";

/** A queue of what a person picked, dropped or pasted. */
export interface BrowserUploads extends UploadQueue<BlobSource> {
  /** Takes files in, which are sent as their turn comes. The uploads are in the order of the files. */
  add(files: Iterable<Blob | BlobSource>, options?: AddOptions): readonly QueuedUpload<BlobSource>[];
  add(files: Iterable<BlobSource>, options?: AddOptions): readonly QueuedUpload<BlobSource>[];
  attach(id: string, file: Blob | BlobSource): void;
  attach(id: string, file: BlobSource): void;
}

export type BrowserClient = Client<BlobSource, BrowserUploads>;

export interface BrowserClientOptions
  extends BrowserPlatformOptions,
    Pick<ClientQueueOptions<BlobSource>, "person" | "keep"> {}

/**
 * A client for one person in a page. What they add is kept in this browser until it is sent, where that is a secure
 * context. The API must allow the page's origin where it is not its own.
 */
export function createClient({ person, keep, ...options }: BrowserClientOptions): BrowserClient {
  const client = createPortableClient<BlobSource>({
    ...browserPlatform(options),
    person,
    keep,
    openQueue: async (owner) => ({
      store: await openBrowserStore(owner),
      lock: createWebLock(owner),
      channel: createBroadcastChannel(owner),
    }),
  });
  const { uploads } = client;
  const { add, attach } = uploads;
  return {
    ...client,
    // Not a copy: some of its members change.
    uploads: Object.assign(uploads, {
      add: (files: Iterable<Blob | BlobSource>, addOptions?: AddOptions) =>
        add(Array.from(files, sourceOf), addOptions),
      attach: (id: string, file: Blob | BlobSource) => attach(id, sourceOf(file)),
    }),
  };
}

const sourceOf = (file: Blob | BlobSource): BlobSource => (file instanceof Blob ? blobSource(file) : file);

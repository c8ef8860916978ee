import {
  type Client,
  type ClientQueueOptions,
  createClientOf,
  type SignOutOptions,
} from "../create-client.ts";
import type { QueuedUpload } from "../queue/queued-upload.ts";
import type { AddOptions, UploadQueue } from "../queue/upload-queue.ts";
import { createSendingUploader } from "../uploader.ts";
import type { Background } from "./background.ts";
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
  /**
   * What is kept is sent with all pages closed: this browser has Background Sync, the origin's service worker is there, and it has
   * a token. `false` also until something is kept; then, and elsewhere, it goes on at the next load.
   */
  readonly sendsInBackground: boolean;
}

export interface BrowserClient extends Client<BlobSource, BrowserUploads> {
  /**
   * The service worker sends nothing from now on, until a client is created again; the server is told so where it answers within
   * 5 s. `signOut` does it, too: for pages whose sign-in ends before that.
   */
  endBackground(): Promise<void>;
}

export interface BrowserClientOptions
  extends BrowserPlatformOptions,
    Pick<ClientQueueOptions<BlobSource>, "person" | "keep"> {}

/**
 * A client for one person in a page. What they add is kept in this browser until it is sent, where that is a secure
 * context. The API must allow the page's origin where it is not its own.
 */
export function createClient({ person, keep, ...options }: BrowserClientOptions): BrowserClient {
  const platform = browserPlatform(options);
  const { server } = platform;
  let owner = person && JSON.stringify([server, person]);
  let stop: (() => void) | undefined;
  let background: Background | undefined;
  let hasEnded = false;
  const client = createClientOf(createSendingUploader<BlobSource>, {
    ...platform,
    person,
    keep,
    async openQueue(opened) {
      owner = opened;
      const store = await openBrowserStore(opened);
      if (store.isDurable && "SyncManager" in globalThis) {
        stop = uploads.subscribe(() => void prepare());
        void prepare();
      }
      return { store, lock: createWebLock(opened), channel: createBroadcastChannel(opened) };
    },
  });
  const { uploads } = client;
  const { add, attach } = uploads;
  /** At once where a worker is there already: what is added without a network needs its token then. */
  const prepare = async () => {
    if (uploads.unsent() === 0 && !navigator.serviceWorker.controller) return;
    stop?.();
    const { startBackground } = await import("./background.ts");
    if (!hasEnded && owner) background = startBackground(client, owner, server);
  };
  const endPreparing = () => {
    hasEnded = true;
    stop?.();
    background?.stop();
  };
  /** Before the lead is let go of: the worker waits for it. */
  const endBackground = async (how?: SignOutOptions) => {
    endPreparing();
    try {
      return await (await import("./background.ts")).endBackground(client, server, owner, how);
    } catch {
      // Not loaded, and no network to load it: then this page has minted none, and has kept no files.
    }
    return undefined;
  };
  Object.defineProperty(uploads, "sendsInBackground", { get: () => !!background?.isReady() });
  return {
    ...client,
    close() {
      endPreparing();
      client.close();
    },
    async endBackground() {
      await (await endBackground())?.revoked;
    },
    async signOut(how) {
      const ended = await endBackground(how);
      await client.signOut(how);
      await ended?.revoked;
    },
    // Not a copy: some of its members change.
    uploads: Object.assign(uploads as BrowserUploads, {
      add: (files: Iterable<Blob | BlobSource>, addOptions?: AddOptions) =>
        add(Array.from(files, sourceOf), addOptions),
      attach: (id: string, file: Blob | BlobSource) => attach(id, sourceOf(file)),
    }),
  };
}

const sourceOf = (file: Blob | BlobSource): BlobSource => (file instanceof Blob ? blobSource(file) : file);

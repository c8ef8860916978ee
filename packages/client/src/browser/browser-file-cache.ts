import { createFileCache } from "../files-cache/create-file-cache.ts";
import type { FileCache, FileCacheOptions } from "../files-cache/file-cache.ts";
import { blobDigest } from "./blob-digest.ts";
import { blobSource } from "./blob-source.ts";
import { browserContact } from "./browser-contact.ts";
import { createIndexedDbCacheStore } from "./indexed-db-cache-store.ts";
import { originOf } from "./origin-of.ts";

export interface BrowserFileCacheOptions
  extends Pick<FileCacheOptions<Blob>, "uploader" | "offlineTtlMs" | "offlineBudgetBytes"> {
  /** The API's origin. Default: the page's own. */
  readonly server?: string | undefined;
  /** A stable id of the person: what is kept is theirs at that server, and is never read under another. */
  readonly person: string;
}

/** Files of one person kept in this browser for reading offline. An entry of its own: who only uploads loads none of it. */
export const createBrowserFileCache = ({
  server,
  person,
  ...options
}: BrowserFileCacheOptions): FileCache<Blob> => {
  // By which a sign-out erases what is kept: at hand then, though there may be no network.
  void Promise.all([import("./background.ts"), import("./erase-kept.ts")]).catch(() => undefined);
  return createFileCache<Blob>({
    ...options,
    store: createIndexedDbCacheStore(JSON.stringify([originOf(server), person])),
    async fetchBytes({ url, headers }, signal) {
      const answer = await fetch(url, {
        headers,
        credentials: "omit",
        // The browser's own cache would keep another copy, that nothing takes away.
        cache: "no-store",
        referrerPolicy: "no-referrer",
        signal: signal as AbortSignal,
      });
      return {
        status: answer.status,
        contentType: answer.headers.get("content-type") ?? "application/octet-stream",
        bytes: new Uint8Array(await answer.arrayBuffer()),
      };
    },
    sha256: (bytes) => blobDigest.sha256(blobSource(blobOf(bytes, "")), () => undefined),
    toBlob: blobOf,
    contact: browserContact,
    wallMs: Date.now,
  });
};

const blobOf = (bytes: Uint8Array, type: string): Blob => new Blob([Uint8Array.from(bytes)], { type });

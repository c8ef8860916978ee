import type { File, WireRequest } from "@stowage/protocol";
import type { Abortable, AbortSignalLike } from "../ports.ts";
import type { Uploader } from "../uploader.ts";
import type { CacheStore } from "./cache-store.ts";
import type { Contact } from "./contact.ts";
import type { PresignedUrl, UrlOptions } from "./renewed-urls.ts";

/** What the object store answered a presigned GET with. */
export interface FetchedBytes {
  readonly status: number;
  readonly contentType: string;
  /** Of a `200` the whole: a body that is cut off rejects. */
  readonly bytes: Uint8Array;
}

export interface FileCacheOptions<Shown> {
  /** Whoever asks the API, for the person whose files are kept. */
  readonly uploader: Pick<Uploader<never>, "askApi" | "files" | "platform">;
  /** Of that person at that server. */
  readonly store: CacheStore;
  /** By CORS and without credentials; no other copy is to be kept of what comes. Rejects where no answer came. */
  fetchBytes(request: WireRequest, signal: AbortSignalLike): Promise<FetchedBytes>;
  /** Lower-case hex. */
  sha256(bytes: Uint8Array): Promise<string>;
  /** Makes of bytes what is shown: a `Blob`. */
  toBlob(bytes: Uint8Array, contentType: string): Shown;
  readonly contact: Contact;
  /** Milliseconds by the device's clock, which people set: `Date.now`. */
  wallMs(): number;
  /** How long a kept file can be read without asking the server, in milliseconds: 0 to 30 days. Default 7 days. */
  readonly offlineTtlMs?: number | undefined;
  /** How many bytes are kept: what was read longest ago goes first. Default 200,000,000. */
  readonly offlineBudgetBytes?: number | undefined;
}

export interface NotKept {
  readonly fileId: string;
  readonly derivative: string;
  /**
   * `too-large`: than all that may be kept; `no-room`: all that is kept was asked for by the same call, or read since; `storage-full`: the device
   * has no room; `size-mismatch`, `checksum-mismatch`: other bytes came than the server tells of; else a `ClientError`'s code: `not-found`, `network` …
   */
  readonly code: string;
  /** A sentence for the person. */
  readonly detail: string;
}

export interface GoneFile {
  readonly fileId: string;
  /**
   * `refused`: it is not to be seen any more, or in the trash, or quarantined; `changed`: there is another version, or other bytes of it are given
   * out; `expired`: its time without the server is over; `not-signed-in`: nobody is signed in, somebody else is, or
   * the server does not take them; the bytes stay, for who signs in again.
   */
  readonly reason: "refused" | "changed" | "expired" | "not-signed-in";
}

/** What one person keeps on this device. */
export interface KeptFiles {
  /** As the server told them last, newest first. */
  readonly files: readonly File[];
  readonly sizeBytes: number;
  /** How long all of it can be read from now on without the server, in milliseconds: 0 where nothing is kept. */
  readonly readableMs: number;
}

/** Files kept on this device for reading offline: docs/offline-reading.md. */
export interface FileCache<Shown> {
  /**
   * Keeps derivatives of files, the current version of each. What is kept already is not fetched again.
   *
   * @returns what could not be kept, and why: empty where all is
   * @throws AbortedError; ClientError where the server can't be asked at all
   */
  cache(
    ids: readonly string[],
    options?: Abortable & {
      /** Default `["thumbnail", "preview"]`. */
      readonly derivatives?: readonly string[];
    },
  ): Promise<readonly NotKept[]>;
  /**
   * What is kept of a file, the newest version of it, or `undefined`. While there is a network the server is asked first, for at most 1.5 s; where it does not answer
   * it is given out as offline. `contentType` is what it is; the blob's own type is that only where nothing in it can run.
   */
  cached(
    id: string,
    derivative: string,
  ): Promise<{ readonly blob: Shown; readonly contentType: string; readonly version: number } | undefined>;
  /** What can be read here without the server: what an application shows that is started offline. Asks nothing of it. */
  kept(): Promise<KeptFiles>;
  /** Forgets what is kept of these files, or of all. */
  uncache(ids?: readonly string[]): Promise<void>;
  /** A presigned URL, renewed before its end. Those asked for in one turn share requests. Throws ProblemError `not-found`. */
  url(id: string, options?: UrlOptions): Promise<PresignedUrl>;
  /**
   * Tells of files that are not to be shown any more: their bytes are gone from this device. Returns how to stop.
   *
   * @param ids - that are on the screen until then: they are asked after for as long as they are
   */
  onGone(listener: (gone: GoneFile) => void, ids?: readonly string[]): () => void;
  /** Somebody has signed in again: what the server did not answer before is asked at once. */
  signedIn(): void;
  /** Stops asking; forgets nothing. */
  close(): void;
}

import type { WireRequest } from "@stowage/protocol";

/** What is hashed and sent in one piece: a whole file, or a part of one. */
export interface Bytes {
  readonly sizeBytes: number;
  /** The bytes from their beginning, afresh at each call, as `digest` and `send` take them (a Blob, a stream). */
  body(): unknown;
}

/** A part of a file while it is hashed and sent: the same bytes for both, whatever becomes of the file meanwhile. */
export interface FilePart extends Bytes {
  /** Told once when the part is no longer wanted: its memory may be used for the next. */
  release?(): void;
}

/** A file to send. The platform's adapters may want more of it: make them generic over their own kind. */
export interface FileSource extends Bytes {
  /** Kept as it is; never part of a path or key. */
  readonly name: string;
  /** Such as `image/jpeg`: lower case, no parameters. */
  readonly contentType: string;
  /**
   * Where the platform's word on the type is not to be trusted: asked once before the file is announced, and what it
   * answers is announced.
   *
   * @throws FileChangedError, FileUnreadableError
   */
  detectContentType?(): Promise<string>;
  /**
   * Bytes `offsetBytes` to `offsetBytes + sizeBytes`, all of them within the file. No more parts are held at a time
   * than requests are under way.
   *
   * @throws FileChangedError where the file is known to have changed, FileUnreadableError
   */
  part(offsetBytes: number, sizeBytes: number): FilePart | Promise<FilePart>;
}

/** What a source's `part` gives. */
export type PartOf<Source extends FileSource> = Extract<Awaited<ReturnType<Source["part"]>>, FilePart>;

/** What is used of an `AbortSignal`; the platform's own fits. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** An option of everything that takes time. */
export interface Abortable {
  readonly signal?: AbortSignalLike | undefined;
}

/** What is used of an `AbortController`. */
export interface AbortControllerLike {
  readonly signal: AbortSignalLike;
  abort(): void;
}

/** What is used of a `Response`. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** What is given to `fetch`: `headers` a plain object of strings, `body` a string or what a source's `body()` gave. */
export interface FetchInit {
  method?: string | undefined;
  headers?: object | undefined;
  body?: unknown;
  signal?: AbortSignalLike | null | undefined;
}

export interface Clock {
  /** Milliseconds that never jump back while the program runs are best; only differences are used. */
  nowMs(): number;
  /** Resolves after that time; rejects as soon as the signal is aborted. */
  delay(delayMs: number, signal: AbortSignalLike): Promise<void>;
}

export interface Digest<Source extends FileSource> {
  /**
   * Lower-case hex. `onRead` is told how many bytes have been read so far.
   *
   * @throws FileUnreadableError
   */
  sha256(
    bytes: Source | PartOf<Source>,
    onRead: (readBytes: number) => void,
    signal?: AbortSignalLike,
  ): Promise<string>;
}

/** How the object store answered a presigned request. */
export interface StoreAnswer {
  readonly status: number;
  /** The `Retry-After` header, where it came and can be read. */
  readonly retryAfter?: string | undefined;
  /** The beginning of the answer's body: S3 names its error there. */
  readonly body: string;
}

/**
 * Sends a file's or a part's bytes by a presigned PUT, with the request's headers and a content length of `sizeBytes`.
 * `onSent` is told how many bytes have gone out so far: while it is called, the connection is known to live.
 * Rejects where no answer came.
 *
 * @throws FileChangedError, FileUnreadableError where the source is at fault
 */
export type BytesSender<Source extends FileSource> = (
  request: WireRequest,
  bytes: Source | PartOf<Source>,
  options: { onSent(sentBytes: number): void; signal: AbortSignalLike },
) => Promise<StoreAnswer>;

/** What the platform knows of the network. */
export interface Connectivity {
  /** Tells each time that a network has come back. Returns how to stop listening. */
  onOnline(listener: () => void): () => void;
}

/** What of the platform is used beside its network and its files. */
export interface Platform {
  readonly clock: Clock;
  /** From 0 (included) to 1, as `Math.random` does: spreads retries, makes refs. */
  random(): number;
  /** `() => new AbortController()` */
  abortController(): AbortControllerLike;
  /** Default: nothing is known; what waits for the network is tried again from time to time. */
  readonly connectivity?: Connectivity;
}

/** What the client needs of the platform for the API alone. */
export interface ApiOptions extends Platform {
  /** The API's origin, such as `https://files.example.org`. */
  readonly server: string;
  /**
   * An access token, asked for at every request; `undefined`: nobody is signed in. Asked once more, with the token
   * that was refused, after a `401`. Where it throws what is no ClientError, or takes longer than `requestTimeoutMs`, that is a NetworkError:
   * it is asked again.
   */
  getToken(refused?: string): Promise<string | undefined>;
  fetch(url: string, init?: FetchInit): Promise<FetchResponse>;
  /** Tries of one request before its failure is final. Default 8. */
  readonly maxAttempts?: number;
  /** How long the API may take to answer. Default 30,000. */
  readonly requestTimeoutMs?: number;
}

/**
 * Files that are sent at the same time, and requests to the object store, parts of files among them: 1 to 64, always so
 * many. Or between two such numbers: at first 4, then more while more are faster, and half as many on a network or a
 * store that fails.
 */
export type Concurrency = number | { readonly min: number; readonly max: number };

/** The platform: everything that the client does not bring itself. */
export interface ClientOptions<Source extends FileSource> extends ApiOptions {
  readonly digest: Digest<Source>;
  /** Default: `fetch` with the source's body, which tells no progress and notices no stall. */
  readonly send?: BytesSender<Source>;
  /** How long no byte may move while a file is sent, given a `send` of your own. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Default 4. */
  readonly concurrency?: Concurrency;
}

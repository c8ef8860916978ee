/** What a store is known to do, or was found to by probing it: many accept what they then ignore. */
export interface ObjectStoreCapabilities {
  /** A PUT whose body has another SHA-256 than the signed one is refused. */
  readonly enforcesChecksum: boolean;
  /** `If-None-Match: *` on a PUT is honoured. */
  readonly enforcesIfNoneMatch: boolean;
  /** An `x-amz-*` header that was not signed is refused. */
  readonly enforcesSignedHeaders: boolean;
  /** Content is answered with `nosniff` and a sandboxing CSP. */
  readonly setsSecurityHeaders: boolean;
}

/** A request that its bearer may send as it stands until it expires. */
export interface PresignedRequest {
  readonly method: "PUT" | "GET";
  readonly url: string;
  /** What a browser must set itself; never `host` or `content-length`. */
  readonly headers: Readonly<Record<string, string>>;
  /** When it stops working. */
  readonly expiresAtMs: number;
}

export interface PresignPut {
  readonly key: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** 1 to 600. */
  readonly expiresInSeconds: number;
  readonly signedAtMs: number;
}

export interface PresignPart {
  readonly key: string;
  readonly storeUploadId: string;
  /** 1 to 10000. */
  readonly partNumber: number;
  /** Exactly. */
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** 1 to 600. */
  readonly expiresInSeconds: number;
  readonly signedAtMs: number;
}

/** A part that the store has. */
export interface StoredPart {
  readonly partNumber: number;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  /** Lower-case hex, where the store checked it. */
  readonly sha256?: string;
}

/** A multipart upload that was neither completed nor aborted. */
export interface OpenMultipart {
  readonly key: string;
  readonly storeUploadId: string;
  readonly initiatedAtMs: number;
}

export interface PresignGet {
  readonly key: string;
  /** 1 to 600. */
  readonly expiresInSeconds: number;
  readonly signedAtMs: number;
  /** What the store answers in these headers. */
  readonly responseContentType: string;
  readonly responseContentDisposition: string;
  readonly responseCacheControl: string;
}

export interface ObjectHead {
  readonly key: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
  readonly contentType?: string;
  /** Lower-case hex, where the store computed or checked it. */
  readonly sha256?: string;
}

export interface ObjectBody {
  readonly sizeBytes: number;
  /** Read once; throws {@link StoreUnavailableError} when the store breaks off. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** A body that is too large to be held in memory. */
export interface StreamedBody {
  readonly byteLength: number;
  /** From its beginning; called again where it has to be sent again. What it throws, `put` is rejected with. */
  open(): AsyncIterable<Uint8Array>;
}

export interface PutObject {
  readonly key: string;
  /** At most 5 GB, which is what S3 takes at once. */
  readonly body: Uint8Array | StreamedBody;
  readonly contentType: string;
  /** Lower-case hex of the body. */
  readonly sha256: string;
  /** Only where nothing is under the key yet. Default false: what is there is replaced. */
  readonly ifAbsent?: boolean;
}

export interface PutPart {
  readonly key: string;
  readonly storeUploadId: string;
  /** 1 to 10000. */
  readonly partNumber: number;
  readonly body: Uint8Array;
  /** Lower-case hex of the body. */
  readonly sha256: string;
}

/**
 * Objects by key in one bucket, as S3 has them. Keys are `[a-z0-9/-]`, made by the server.
 *
 * Every method but the presigning ones talks to the store and throws {@link StoreUnavailableError} for what
 * may pass (a timeout, 5xx, a refused connection) and {@link StoreRefusedError} for what won't (credentials,
 * a bucket that does not exist).
 */
export interface ObjectStore {
  readonly capabilities: ObjectStoreCapabilities;
  /** A PUT of exactly these bytes, once (`If-None-Match: *`). No call to the store. */
  presignPut(put: PresignPut): PresignedRequest;
  /** A PUT of exactly these bytes as a part; until the multipart ends, it may be sent again. No call to the store. */
  presignPart(part: PresignPart): PresignedRequest;
  /** A GET of the object. No call to the store. */
  presignGet(get: PresignGet): PresignedRequest;
  /** `undefined` where there is no such object. */
  head(key: string): Promise<ObjectHead | undefined>;
  /** The whole object; `undefined` where there is none. */
  get(key: string, options?: { readonly signal?: AbortSignal }): Promise<ObjectBody | undefined>;
  /** `exists` only with `ifAbsent`, where the store enforces it. */
  put(put: PutObject): Promise<"stored" | "exists">;
  /** Server-side; replaces what is under `to`. */
  copy(copy: { readonly from: string; readonly to: string }): Promise<"copied" | "missing">;
  /** Idempotent. */
  delete(key: string): Promise<void>;
  /**
   * Begins a multipart upload and answers the store's id of it. Where the answer was lost on the way, another is begun:
   * {@link listMultipartUploads} finds what nobody knows.
   */
  createMultipartUpload(create: { readonly key: string; readonly contentType: string }): Promise<string>;
  /** Sends a part itself; sent again, it takes the place of what was sent. `undefined` where there is no such upload (any more). */
  putPart(part: PutPart): Promise<StoredPart | undefined>;
  /** All parts that the store has, by number; `undefined` where there is no such upload (any more). */
  listParts(multipart: {
    readonly key: string;
    readonly storeUploadId: string;
  }): Promise<readonly StoredPart[] | undefined>;
  /**
   * Makes an object of the parts, which are in ascending order, under a key that has none (`If-None-Match: *`).
   * - `completed`: it is there, whole.
   * - `exists`: something was under the key already; the multipart is still open.
   * - `missing`: there is no such multipart: completed before (perhaps by an attempt whose answer was lost) or aborted.
   * - `changed`: one of the parts is not there, or no longer with this ETag; nothing has happened.
   */
  completeMultipartUpload(complete: {
    readonly key: string;
    readonly storeUploadId: string;
    readonly parts: readonly StoredPart[];
  }): Promise<"completed" | "exists" | "missing" | "changed">;
  /** Removes the parts; their URLs are worth nothing from then on. Idempotent. */
  abortMultipartUpload(multipart: { readonly key: string; readonly storeUploadId: string }): Promise<void>;
  /** By key. `next` is absent on the last page; pass it as `after`. */
  listMultipartUploads(list: {
    readonly prefix: string;
    readonly after?: MultipartPosition;
    /** 1 to 1000. */
    readonly limit: number;
  }): Promise<{ readonly items: readonly OpenMultipart[]; readonly next?: MultipartPosition }>;
  /** What time it is by the store's own clock, milliseconds since 1970, to a second. */
  readClock(): Promise<number>;
  /** Keys in order of their bytes. `next` is absent on the last page; pass it as `after`. */
  list(list: {
    readonly prefix: string;
    readonly after?: string;
    /** 1 to 1000. */
    readonly limit: number;
  }): Promise<{ readonly items: readonly ObjectHead[]; readonly next?: string }>;
}

/** Where a page of multipart uploads begins: after this one, as the store says. */
export interface MultipartPosition {
  readonly key: string;
  readonly storeUploadId: string;
}

/** The store can't be reached or is failing for now: try again later. */
export class StoreUnavailableError extends Error {
  readonly code = "store-unavailable";
  override readonly name = "StoreUnavailableError";
}

/** The store said no to us in a way that trying again won't change. */
export class StoreRefusedError extends Error {
  readonly code = "store-refused";
  override readonly name = "StoreRefusedError";
}

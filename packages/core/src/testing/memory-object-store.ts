import type { Clock } from "../ports/clock.ts";
import {
  type ObjectBody,
  type ObjectHead,
  type ObjectStore,
  type ObjectStoreCapabilities,
  type PresignedRequest,
  type PresignGet,
  type PresignPart,
  type PresignPut,
  StoreRefusedError,
  StoreUnavailableError,
  type StreamedBody,
} from "../ports/object-store.ts";
import { type MemoryMultipart, memoryMultipartCalls } from "./memory-multiparts.ts";

/** An object as the store in memory holds it. */
export interface MemoryObject {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly lastModifiedMs: number;
  /** Of the bytes, lower-case hex. */
  readonly sha256: string;
}

/** An {@link ObjectStore} for tests, with what a store's other side would do. */
export interface MemoryObjectStore extends ObjectStore {
  /** What it holds now, by key; changes as the store does. */
  readonly objects: ReadonlyMap<string, MemoryObject>;
  /** Multipart uploads that are open, by the store's id; changes as the store does. */
  readonly multiparts: ReadonlyMap<string, MemoryMultipart>;
  /** Takes a presigned PUT as a store would over HTTP; answers the status: 200, 400, 403, 404 (a part) or 412. */
  receive(request: PresignedRequest, bytes: Uint8Array): Promise<number>;
  /** Answers a presigned GET as a store would over HTTP: 200, 403 or 404. */
  fetchBytes(request: PresignedRequest): Promise<{ status: number; bytes: Uint8Array; headers: Headers }>;
}

const chunkBytes = 64 * 1024;
const keyPattern = /^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/;

function assertKey(key: string): void {
  if (!keyPattern.test(key)) throw new TypeError(`not a key that the server makes: ${JSON.stringify(key)}`);
}

function assertWithin(what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${what} must be a whole number from ${least} to ${most}`);
}

async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64OfHex(hex: string): string {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new TypeError("sha256 must be 64 digits of lower-case hex");
  return btoa(hex.replace(/../g, (byte) => String.fromCharCode(Number.parseInt(byte, 16))));
}

async function* readChunks(bytes: Uint8Array, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += chunkBytes) {
    signal?.throwIfAborted();
    yield bytes.slice(start, start + chunkBytes);
  }
}

/** Whether each signed header came with its value and, with `refuseOthers`, no `x-amz-*` header besides. */
function hasSignedHeaders(sent: Headers, signed: Headers, refuseOthers: boolean): boolean {
  for (const [name, value] of signed) if (sent.get(name) !== value) return false;
  if (refuseOthers)
    for (const name of sent.keys()) if (name.startsWith("x-amz-") && !signed.has(name)) return false;
  return true;
}

/**
 * Objects in memory. Presigned URLs are `memory://bucket/<key>?…`, the same for the same input, and worth
 * nothing but to {@link MemoryObjectStore.receive} and `fetchBytes` of the store that made them, which hold
 * them to length, content type, digest, `If-None-Match` and expiry.
 *
 * @param options.clock decides what has expired and dates objects
 * @param options.capabilities what the store enforces; each is true by default. Where `enforcesChecksum` is
 *   false, `head` and `list` know no digests either.
 */
export function createMemoryObjectStore(options: {
  clock: Clock;
  capabilities?: Partial<ObjectStoreCapabilities>;
}): MemoryObjectStore {
  const { clock } = options;
  const capabilities: ObjectStoreCapabilities = {
    enforcesChecksum: true,
    enforcesIfNoneMatch: true,
    enforcesSignedHeaders: true,
    setsSecurityHeaders: true,
    ...options.capabilities,
  };
  const objects = new Map<string, MemoryObject>();
  const issuedPuts = new Map<string, { put: PresignPut; request: PresignedRequest }>();
  const issuedParts = new Map<string, { part: PresignPart; request: PresignedRequest }>();
  const multiparts = new Map<string, MemoryMultipart>();
  let partsReceived = 0;
  const issuedGets = new Map<string, { get: PresignGet; request: PresignedRequest }>();

  const headOf = (key: string, object: MemoryObject, withType: boolean): ObjectHead => ({
    key,
    sizeBytes: object.bytes.byteLength,
    lastModifiedMs: object.lastModifiedMs,
    ...(withType ? { contentType: object.contentType } : {}),
    ...(capabilities.enforcesChecksum ? { sha256: object.sha256 } : {}),
  });

  const presigned = (
    method: "PUT" | "GET",
    signed: PresignPut | PresignPart | PresignGet,
    headers: Record<string, string>,
  ): PresignedRequest => {
    assertKey(signed.key);
    assertWithin("expiresInSeconds", signed.expiresInSeconds, 1, 600);
    const { key, ...members } = signed;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(members)) query.set(name, String(value));
    return {
      method,
      url: `memory://bucket/${key}?${query}`,
      headers,
      // Signature dates have whole seconds, so a life begins up to a second before `signedAtMs`.
      expiresAtMs: (Math.floor(signed.signedAtMs / 1000) + signed.expiresInSeconds) * 1000,
    };
  };

  const receivePart = async (request: PresignedRequest, bytes: Uint8Array): Promise<number> => {
    const issued = issuedParts.get(request.url);
    if (!issued || clock.nowMs() >= issued.request.expiresAtMs) return 403;
    const { part } = issued;
    const signed = new Headers(issued.request.headers);
    if (!hasSignedHeaders(new Headers(request.headers), signed, capabilities.enforcesSignedHeaders))
      return 403;
    if (bytes.byteLength !== part.sizeBytes) return 403;
    const sha256 = await sha256Hex(bytes);
    const multipart = multiparts.get(part.storeUploadId);
    if (multipart?.key !== part.key) return 404;
    if (capabilities.enforcesChecksum && sha256 !== part.sha256) return 400;
    partsReceived += 1;
    multipart.parts.set(part.partNumber, {
      partNumber: part.partNumber,
      sizeBytes: bytes.byteLength,
      etag: `part-${partsReceived}`,
      sha256,
      bytes: new Uint8Array(bytes),
    });
    return 200;
  };

  return {
    capabilities,
    objects,
    multiparts,
    ...memoryMultipartCalls({
      clock,
      multiparts,
      assertKey,
      assertWithin,
      hasObject: (key) => objects.has(key),
      assertDigest: async (bytes, sha256) => {
        if ((await sha256Hex(bytes)) !== sha256)
          throw new StoreRefusedError("The part's SHA-256 is not the one given.");
      },
      publish: async (key, bytes, contentType) => {
        const sha256 = await sha256Hex(bytes);
        objects.set(key, { bytes, contentType, lastModifiedMs: clock.nowMs(), sha256 });
      },
      enforcesIfNoneMatch: capabilities.enforcesIfNoneMatch,
      enforcesChecksum: capabilities.enforcesChecksum,
    }),

    presignPart(part) {
      assertWithin("sizeBytes", part.sizeBytes, 1, Number.MAX_SAFE_INTEGER);
      assertWithin("partNumber", part.partNumber, 1, 10_000);
      const request = presigned("PUT", part, { "x-amz-checksum-sha256": base64OfHex(part.sha256) });
      issuedParts.set(request.url, { part, request });
      return request;
    },

    presignPut(put) {
      assertWithin("sizeBytes", put.sizeBytes, 0, Number.MAX_SAFE_INTEGER);
      const request = presigned("PUT", put, {
        "content-type": put.contentType,
        "if-none-match": "*",
        "x-amz-checksum-sha256": base64OfHex(put.sha256),
      });
      issuedPuts.set(request.url, { put, request });
      return request;
    },

    presignGet(get) {
      const request = presigned("GET", get, {});
      issuedGets.set(request.url, { get, request });
      return request;
    },

    async receive(request, bytes) {
      if (request.method === "PUT" && issuedParts.has(request.url)) return receivePart(request, bytes);
      const issued = request.method === "PUT" ? issuedPuts.get(request.url) : undefined;
      if (!issued || clock.nowMs() >= issued.request.expiresAtMs) return 403;
      const { put } = issued;
      const sent = new Headers(request.headers);
      const signed = new Headers(issued.request.headers);
      if (!hasSignedHeaders(sent, signed, capabilities.enforcesSignedHeaders)) return 403;
      if (bytes.byteLength !== put.sizeBytes) return 403;
      const sha256 = await sha256Hex(bytes);
      if (capabilities.enforcesChecksum && sha256 !== put.sha256) return 400;
      if (capabilities.enforcesIfNoneMatch && objects.has(put.key)) return 412;
      objects.set(put.key, {
        bytes: new Uint8Array(bytes),
        contentType: put.contentType,
        lastModifiedMs: clock.nowMs(),
        sha256,
      });
      return 200;
    },

    async fetchBytes(request) {
      const issued = request.method === "GET" ? issuedGets.get(request.url) : undefined;
      const refused = (status: number) => ({ status, bytes: new Uint8Array(), headers: new Headers() });
      if (!issued || clock.nowMs() >= issued.request.expiresAtMs) return refused(403);
      const object = objects.get(issued.get.key);
      if (!object) return refused(404);
      const headers = new Headers({
        "content-type": issued.get.responseContentType,
        "content-disposition": issued.get.responseContentDisposition,
        "cache-control": issued.get.responseCacheControl,
      });
      if (capabilities.setsSecurityHeaders) {
        headers.set("x-content-type-options", "nosniff");
        headers.set("content-security-policy", "sandbox; default-src 'none'");
      }
      return { status: 200, bytes: new Uint8Array(object.bytes), headers };
    },

    async readClock() {
      return clock.nowMs();
    },

    async head(key) {
      assertKey(key);
      const object = objects.get(key);
      return object && headOf(key, object, true);
    },

    async get(key, { signal } = {}): Promise<ObjectBody | undefined> {
      assertKey(key);
      signal?.throwIfAborted();
      const object = objects.get(key);
      return object && { sizeBytes: object.bytes.byteLength, body: readChunks(object.bytes, signal) };
    },

    async put({ key, body, contentType, sha256, ifAbsent = false }) {
      assertKey(key);
      const bytes = "open" in body ? await readAll(body) : new Uint8Array(body);
      if ((await sha256Hex(bytes)) !== sha256)
        throw new StoreRefusedError(`PUT ${key}: the body's SHA-256 is not the one given`);
      if (ifAbsent && capabilities.enforcesIfNoneMatch && objects.has(key)) return "exists";
      objects.set(key, { bytes, contentType, lastModifiedMs: clock.nowMs(), sha256 });
      return "stored";
    },

    async copy({ from, to }) {
      assertKey(from);
      assertKey(to);
      const object = objects.get(from);
      if (!object) return "missing";
      objects.set(to, { ...object, lastModifiedMs: clock.nowMs() });
      return "copied";
    },

    async delete(key) {
      assertKey(key);
      objects.delete(key);
    },

    async list({ prefix, after = "", limit }) {
      assertWithin("limit", limit, 1, 1000);
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
      const items: ObjectHead[] = [];
      for (const key of keys.slice(0, limit)) {
        const object = objects.get(key);
        if (object) items.push(headOf(key, object, false));
      }
      const last = items.at(-1);
      return keys.length > limit && last ? { items, next: last.key } : { items };
    },
  };
}

async function readAll(body: StreamedBody): Promise<Uint8Array> {
  const bytes = new Uint8Array(body.byteLength);
  let at = 0;
  for await (const chunk of body.open()) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  if (at !== bytes.byteLength) throw new StoreUnavailableError("The body ended early.");
  return bytes;
}

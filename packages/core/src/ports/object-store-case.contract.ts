import { createHash } from "node:crypto";
import type {
  ObjectStore,
  ObjectStoreCapabilities,
  PresignedRequest,
  PresignGet,
  PresignPut,
} from "./object-store.ts";

/** A store under test, empty or not, and its other side. */
export interface ObjectStoreUnderTest {
  readonly store: ObjectStore;
  /** Sends the bytes with the request's method and headers as a browser would; answers the status. */
  send?(request: PresignedRequest, bytes: Uint8Array): Promise<number>;
  /** Sends the request without a body. */
  fetchBytes?(
    request: PresignedRequest,
  ): Promise<{ readonly status: number; readonly bytes: Uint8Array; readonly headers: Headers }>;
  /** Moves the store's clock on from the machine's. */
  advance?(ms: number): void | Promise<void>;
  close(): Promise<void>;
}

/** What a case gets: the store and its other side, with dates by its clock and keys of the case's own. */
export interface Scene extends Required<Omit<ObjectStoreUnderTest, "close">> {
  nowMs(): number;
  newKey(): string;
}

/** One promise of the port. */
export interface ObjectStoreCase {
  readonly name: string;
  /** Left out, with that reason, where the store under test has none of it. */
  readonly uses?: readonly ("send" | "fetchBytes" | "advance")[];
  /** What the store has to declare for this; one that does not has to be declared as skipping the case. */
  readonly needs?: keyof ObjectStoreCapabilities;
  run(scene: Scene): Promise<void>;
}

export const sha256Hex = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

export async function bytesUnder(store: ObjectStore, key: string): Promise<Uint8Array | undefined> {
  const object = await store.get(key);
  return object && readAll(object.body);
}

export const putBytes = (
  store: ObjectStore,
  key: string,
  body: Uint8Array,
  ifAbsent = false,
): Promise<"stored" | "exists"> =>
  store.put({ key, body, contentType: "text/plain", sha256: sha256Hex(body), ifAbsent });

export const putOf = (scene: Scene, bytes: Uint8Array, other: Partial<PresignPut> = {}): PresignPut => ({
  key: scene.newKey(),
  sizeBytes: bytes.byteLength,
  contentType: "image/png",
  sha256: sha256Hex(bytes),
  expiresInSeconds: 600,
  signedAtMs: scene.nowMs(),
  ...other,
});

export const getOf = (scene: Scene, key: string, other: Partial<PresignGet> = {}): PresignGet => ({
  key,
  expiresInSeconds: 600,
  signedAtMs: scene.nowMs(),
  responseContentType: "image/webp",
  responseContentDisposition: `attachment; filename="a b.webp"; filename*=UTF-8''%E2%82%AC.webp`,
  responseCacheControl: "private, max-age=300, immutable",
  ...other,
});

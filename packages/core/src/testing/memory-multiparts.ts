import type { Clock } from "../ports/clock.ts";
import type { ObjectStore, StoredPart } from "../ports/object-store.ts";

/** A part as the store in memory holds it. */
export interface MemoryPart extends StoredPart {
  readonly bytes: Uint8Array;
}

/** A multipart upload that is open. */
export interface MemoryMultipart {
  readonly key: string;
  readonly contentType: string;
  readonly initiatedAtMs: number;
  /** By number. */
  readonly parts: Map<number, MemoryPart>;
}

type MultipartCalls = Pick<
  ObjectStore,
  | "createMultipartUpload"
  | "putPart"
  | "listParts"
  | "completeMultipartUpload"
  | "abortMultipartUpload"
  | "listMultipartUploads"
>;

export interface MultipartsOfMemory {
  readonly clock: Clock;
  /** By the store's id. */
  readonly multiparts: Map<string, MemoryMultipart>;
  /** Throws for a key that the server would not make. */
  assertKey(key: string): void;
  assertWithin(what: string, value: number, least: number, most: number): void;
  /** Throws for bytes that have another SHA-256. */
  assertDigest(bytes: Uint8Array, sha256: string): Promise<void>;
  hasObject(key: string): boolean;
  publish(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** Whether a complete respects `If-None-Match`. */
  readonly enforcesIfNoneMatch: boolean;
  /** Whether parts are known with their digest. */
  readonly enforcesChecksum: boolean;
}

/** The multipart calls of the store in memory. */
export function memoryMultipartCalls(memory: MultipartsOfMemory): MultipartCalls {
  const { clock, multiparts, assertKey } = memory;
  let made = 0;
  let put = 0;

  const find = (key: string, storeUploadId: string): MemoryMultipart | undefined => {
    assertKey(key);
    const multipart = multiparts.get(storeUploadId);
    return multipart?.key === key ? multipart : undefined;
  };

  const byNumber = (multipart: MemoryMultipart): MemoryPart[] =>
    [...multipart.parts.values()].sort((one, other) => one.partNumber - other.partNumber);

  return {
    async createMultipartUpload({ key, contentType }) {
      assertKey(key);
      made += 1;
      const storeUploadId = `multipart-${String(made).padStart(6, "0")}`;
      multiparts.set(storeUploadId, { key, contentType, initiatedAtMs: clock.nowMs(), parts: new Map() });
      return storeUploadId;
    },

    async putPart({ key, storeUploadId, partNumber, body, sha256 }) {
      memory.assertWithin("partNumber", partNumber, 1, 10_000);
      const multipart = find(key, storeUploadId);
      if (!multipart) return undefined;
      await memory.assertDigest(body, sha256);
      put += 1;
      const part = { partNumber, sizeBytes: body.byteLength, etag: `put-${put}`, sha256 };
      multipart.parts.set(partNumber, { ...part, bytes: new Uint8Array(body) });
      return part;
    },

    async listParts({ key, storeUploadId }) {
      const multipart = find(key, storeUploadId);
      return (
        multipart &&
        byNumber(multipart).map(({ partNumber, sizeBytes, etag, sha256 }) => ({
          partNumber,
          sizeBytes,
          etag,
          ...(memory.enforcesChecksum && sha256 !== undefined ? { sha256 } : {}),
        }))
      );
    },

    async completeMultipartUpload({ key, storeUploadId, parts }) {
      const multipart = find(key, storeUploadId);
      if (!multipart) return "missing";
      if (memory.enforcesIfNoneMatch && memory.hasObject(key)) return "exists";
      const pieces: Uint8Array[] = [];
      for (const { partNumber, etag } of parts) {
        const part = multipart.parts.get(partNumber);
        if (part?.etag !== etag) return "changed";
        pieces.push(part.bytes);
      }
      const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
      let offset = 0;
      for (const piece of pieces) {
        bytes.set(piece, offset);
        offset += piece.byteLength;
      }
      multiparts.delete(storeUploadId);
      await memory.publish(key, bytes, multipart.contentType);
      return "completed";
    },

    async abortMultipartUpload({ key, storeUploadId }) {
      if (find(key, storeUploadId)) multiparts.delete(storeUploadId);
    },

    async listMultipartUploads({ prefix, after, limit }) {
      memory.assertWithin("limit", limit, 1, 1000);
      const all = [...multiparts]
        .map(([storeUploadId, { key, initiatedAtMs }]) => ({ key, storeUploadId, initiatedAtMs }))
        .filter(({ key }) => key.startsWith(prefix))
        .sort((one, other) => compare(one.key, other.key) || compare(one.storeUploadId, other.storeUploadId))
        .filter(
          ({ key, storeUploadId }) =>
            !after || (compare(key, after.key) || compare(storeUploadId, after.storeUploadId)) > 0,
        );
      const items = all.slice(0, limit);
      const last = items.at(-1);
      return all.length > limit && last
        ? { items, next: { key: last.key, storeUploadId: last.storeUploadId } }
        : { items };
    },
  };
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

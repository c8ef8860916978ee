import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import type { ChecksumAlgorithm } from "./checksum.ts";
import {
  ObjectCorruptError,
  openSealed,
  sealing,
  segmentBytes,
  segmentCountOf,
  tagBytes,
} from "./segment-cipher.ts";

/*
 * An object's file:
 *
 *   offset 0     magic, with the format's version (8 bytes)
 *          8     salt (32 random bytes): the object's key is HKDF-SHA-256(master key, salt)
 *         40     metadata: length (2 bytes), JSON, zeros; sealed, with all before it as associated data
 *       1024     segments: 64 KiB of content each, sealed, each followed by its tag (16 bytes)
 *
 * The header has a fixed size, so that it can be written last, when the content's SHA-256 is known,
 * and so that a segment's place follows from its number. The key's name is not in the file: a copy is
 * a hard link.
 */
const magic = Buffer.from("stowobj\x01", "latin1");
const saltBytes = 32;
const metadataStart = magic.length + saltBytes;
export const headerBytes = 1024;
const metadataBytes = headerBytes - metadataStart - tagBytes;

/** A checksum of the whole content, other than SHA-256, which every object has. */
export interface ContentChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. */
  readonly value: string;
}

/** S3's COMPOSITE checksum. */
export interface CompositeChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64, `-` and the number of parts. */
  readonly value: string;
}

/** Where the parts of an object are. */
export interface PartsPlace {
  /** The name of their directory. */
  readonly directory: string;
  readonly manifestBytes: number;
}

/** What is known of an object besides its content; sealed in its file. */
export interface ObjectMetadata {
  readonly sizeBytes: number;
  /** Of the content, in lower-case hex. Not known of an object that was uploaded in parts. */
  readonly sha256?: string;
  /** What the client sent besides, and was held to. */
  readonly checksum?: ContentChecksum;
  /** What a multipart upload was to be given: the digest of the parts' digests. */
  readonly composite?: CompositeChecksum;
  /** Of an object that was uploaded in parts: this file's content is their list (part-manifest.ts). */
  readonly parts?: PartsPlace;
  /** Without the quotes. */
  readonly etag: string;
  readonly contentType: string;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** The size of the content that an object's own file holds. */
export const contentBytesIn = ({ sizeBytes, parts }: ObjectMetadata): number =>
  parts?.manifestBytes ?? sizeBytes;

/** Where a segment begins in the file. */
export const segmentOffset = (index: number): number => headerBytes + index * (segmentBytes + tagBytes);

/** The size of the file that holds an object of `sizeBytes`. */
export const fileSizeOf = (sizeBytes: number): number =>
  headerBytes + sizeBytes + segmentCountOf(sizeBytes) * tagBytes;

/** The size of the object in a file of `fileSizeBytes`, taken at its word. */
export const objectSizeIn = (fileSizeBytes: number): number => {
  const sealed = Math.max(0, fileSizeBytes - headerBytes);
  return sealed - Math.ceil(sealed / (segmentBytes + tagBytes)) * tagBytes;
};

export interface ObjectKey {
  readonly salt: Buffer;
  readonly key: KeyObject;
}

const deriveKey = (masterKey: KeyObject, salt: Buffer): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync("sha256", masterKey, salt, "stowage bucket object", 32)));

/** A new key, for one object and no other. */
export function createObjectKey(masterKey: KeyObject, salt: Buffer = randomBytes(saltBytes)): ObjectKey {
  return { salt, key: deriveKey(masterKey, salt) };
}

/** The header of an object's file. Throws a RangeError if the metadata does not fit: callers bound it. */
export function sealHeader({ salt, key }: ObjectKey, metadata: ObjectMetadata): Buffer {
  const json = Buffer.from(JSON.stringify(metadata), "utf8");
  if (json.length > metadataBytes - 2) throw new RangeError("The object's metadata does not fit its header");
  const plain = Buffer.alloc(metadataBytes);
  plain.writeUInt16BE(json.length);
  json.copy(plain, 2);
  const cipher = sealing(key, "header", 0);
  const clear = Buffer.concat([magic, salt]);
  cipher.setAAD(clear);
  return Buffer.concat([clear, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Reads a header back. Throws {@link ObjectCorruptError}. */
export function openHeader(
  masterKey: KeyObject,
  header: Buffer,
): { key: KeyObject; metadata: ObjectMetadata } {
  if (header.length !== headerBytes) throw new ObjectCorruptError("the header is cut short");
  if (!header.subarray(0, magic.length).equals(magic))
    throw new ObjectCorruptError("the file does not begin as an object's does");
  const clear = header.subarray(0, metadataStart);
  const key = deriveKey(masterKey, clear.subarray(magic.length));
  const plain = openSealed(key, "header", 0, header.subarray(metadataStart), clear);
  // Authenticated, hence written by sealHeader: no need to doubt its shape.
  const metadata = JSON.parse(plain.toString("utf8", 2, 2 + plain.readUInt16BE())) as ObjectMetadata;
  return { key, metadata };
}

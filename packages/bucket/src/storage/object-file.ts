import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { takeRandomBytes } from "../random-bytes.ts";
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
 *   offset 0     magic, and how many KiB the header has (8 bytes)
 *          8     salt (32 random bytes): the object's key is HKDF-SHA-256(master key, salt)
 *         40     metadata: length (2 bytes), JSON, zeros; sealed, with all before it as associated data
 *       1024     (or more) segments: 64 KiB of content each, sealed, each followed by its tag (16 bytes)
 *
 * The header's size is settled before the content comes, by the headers and tags that are kept with it, so that it can be
 * written last, when the content's SHA-256 is known, and so that a segment's place follows from its
 * number. The key's name is not in the file: a copy is a hard link.
 */
const magic = Buffer.from("stowobj", "latin1");
const sizeAt = magic.length;
const saltStart = sizeAt + 1;
const saltBytes = 32;
const metadataStart = saltStart + saltBytes;
const kib = 1024;
/** Of an object without headers of its own: what is known of every object fits it. */
export const smallestHeaderBytes = kib;

/** What `,"headers":` takes in the JSON, which is more than `,"tags":` does. */
const memberBytes = 11;

/** A header that whoever stored an object wants back with it: lower-case name and value. */
export type KeptHeader = readonly [name: string, value: string];

/** One of an object's tags. */
export type ObjectTag = readonly [key: string, value: string];

/** What whoever stores an object wants kept with it, and what the header's size follows from. */
export interface KeptWithObject {
  readonly headers?: readonly KeptHeader[] | undefined;
  readonly tags?: readonly ObjectTag[] | undefined;
}

const bytesIn = (pairs: readonly (readonly [string, string])[] = []): number =>
  pairs.length === 0 ? 0 : memberBytes + Buffer.byteLength(JSON.stringify(pairs));

/** The size of the header of an object that keeps `headers` and `tags`. */
export const headerBytesFor = ({ headers, tags }: KeptWithObject = {}): number =>
  smallestHeaderBytes + Math.ceil((bytesIn(headers) + bytesIn(tags)) / kib) * kib;

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
  /** What the file is where it is not a key's object: which part, or the record of which upload. */
  readonly belongsTo?: string;
  /** Of an object that was uploaded in parts: this file's content is their list (part-manifest.ts). */
  readonly parts?: PartsPlace;
  /** Without the quotes. */
  readonly etag: string;
  readonly contentType: string;
  readonly headers?: readonly KeptHeader[];
  readonly tags?: readonly ObjectTag[];
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** The size of the content that an object's own file holds. */
export const contentBytesIn = ({ sizeBytes, parts }: ObjectMetadata): number =>
  parts?.manifestBytes ?? sizeBytes;

/** Where a segment begins in a file whose header has `headerBytes`. */
export const segmentOffset = (index: number, headerBytes = smallestHeaderBytes): number =>
  headerBytes + index * (segmentBytes + tagBytes);

/** The size of the file that holds `sizeBytes` of content. */
export const fileSizeOf = (sizeBytes: number, headerBytes = smallestHeaderBytes): number =>
  headerBytes + sizeBytes + segmentCountOf(sizeBytes) * tagBytes;

/** The size of the object in a file of `fileSizeBytes`, taken at its word, as if it kept no headers or tags. */
export const objectSizeIn = (fileSizeBytes: number): number => {
  const sealed = Math.max(0, fileSizeBytes - smallestHeaderBytes);
  return sealed - Math.ceil(sealed / (segmentBytes + tagBytes)) * tagBytes;
};

export interface ObjectKey {
  readonly salt: Buffer;
  readonly key: KeyObject;
}

const deriveKey = (masterKey: KeyObject, salt: Buffer): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync("sha256", masterKey, salt, "stowage bucket object", 32)));

/** A new key, for one object and no other. */
export function createObjectKey(masterKey: KeyObject, salt: Buffer = takeRandomBytes(saltBytes)): ObjectKey {
  return { salt, key: deriveKey(masterKey, salt) };
}

/** The header of an object's file. Throws a RangeError if the metadata does not fit: callers bound it. */
export function sealHeader({ salt, key }: ObjectKey, metadata: ObjectMetadata): Buffer {
  const headerBytes = headerBytesFor(metadata);
  const metadataBytes = headerBytes - metadataStart - tagBytes;
  const json = Buffer.from(JSON.stringify(metadata), "utf8");
  if (json.length > metadataBytes - 2) throw new RangeError("The object's metadata does not fit its header");
  const plain = Buffer.alloc(metadataBytes);
  plain.writeUInt16BE(json.length);
  json.copy(plain, 2);
  const cipher = sealing(key, "header", 0);
  const clear = Buffer.concat([magic, Buffer.of(headerBytes / kib), salt]);
  cipher.setAAD(clear);
  return Buffer.concat([clear, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** How much of a file that begins like this is its header. Throws {@link ObjectCorruptError}. */
export function headerBytesIn(start: Buffer): number {
  const sizeKib = start[sizeAt];
  if (sizeKib === undefined) throw new ObjectCorruptError("the header is cut short");
  if (sizeKib === 0 || !start.subarray(0, magic.length).equals(magic))
    throw new ObjectCorruptError("the file does not begin as an object's does");
  return sizeKib * kib;
}

/** Reads a header back. Throws {@link ObjectCorruptError}. */
export function openHeader(
  masterKey: KeyObject,
  header: Buffer,
): { key: KeyObject; metadata: ObjectMetadata } {
  if (header.length !== headerBytesIn(header)) throw new ObjectCorruptError("the header is cut short");
  const clear = header.subarray(0, metadataStart);
  const key = deriveKey(masterKey, clear.subarray(saltStart));
  const plain = openSealed(key, "header", 0, header.subarray(metadataStart), clear);
  // Authenticated, hence written by sealHeader: no need to doubt its shape.
  const metadata = JSON.parse(plain.toString("utf8", 2, 2 + plain.readUInt16BE())) as ObjectMetadata;
  return { key, metadata };
}

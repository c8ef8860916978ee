import { type CipherGCM, createHash } from "node:crypto";
import { takeRandomBytes } from "../random-bytes.ts";
import type { OpenFile } from "./file-operations.ts";
import {
  type CompositeChecksum,
  type ContentChecksum,
  headerBytesFor,
  type KeptWithObject,
  type ObjectKey,
  sealHeader,
} from "./object-file.ts";
import { releaseBuffer } from "./release-buffer.ts";
import { sealing, segmentBytes, segmentCountOf, segmentPart } from "./segment-cipher.ts";

/** Sealed bytes collected before they are written: few system calls, and memory that stays flat. */
const writeBytes = 512 * 1024;

export interface ContentDigests {
  /** Lower-case hex. */
  readonly sha256: string;
  /** Lower-case hex; only where it was asked for. */
  readonly md5?: string;
}

export interface ObjectWriter {
  /**
   * Takes the next bytes of the content. A promise is returned where the disk is behind: wait for it
   * before the next push. Throws a RangeError past the announced size.
   */
  push(content: Buffer): Promise<void> | undefined;
  /** Says the size where it was not known: before the first byte of the last segment, and after whole ones only. */
  announceSize(sizeBytes: number): void;
  /** Ends the content, for a look at its digests before it is sealed. Throws a RangeError when it is short. */
  finish(): Promise<ContentDigests>;
  /** Writes what is left, and the header; returns when the whole file is on the disk. */
  seal(about: SealedAbout): Promise<string>;
}

/** What a header says besides what the writer finds out. */
export interface SealedAbout {
  readonly etag?: string;
  readonly contentType: string;
  readonly createdAtMs: number;
  readonly checksum?: ContentChecksum;
  /** See ObjectMetadata. */
  readonly belongsTo?: string;
  /** Where the content is a list of parts (part-manifest.ts): the object that they make. */
  readonly joined?: {
    readonly sizeBytes: number;
    readonly directory: string;
    readonly composite?: CompositeChecksum;
  };
}

/**
 * Encrypts and hashes an object in one pass into a file that is otherwise empty.
 * `sizeBytes` is exact, since the last segment is sealed as such; without it, see `announceSize`.
 */
export function createObjectWriter(
  options: {
    readonly file: OpenFile;
    readonly objectKey: ObjectKey;
    readonly sizeBytes?: number;
    readonly withMd5: boolean;
  } & KeptWithObject,
): ObjectWriter {
  // Known first, for their room is before the content.
  const { file, objectKey, headers, tags } = options;
  // No segment is the last of infinitely many.
  let { sizeBytes = Number.POSITIVE_INFINITY } = options;
  let segmentCount = segmentCountOf(sizeBytes);
  const sha256 = createHash("sha256");
  const md5 = options.withMd5 ? createHash("md5") : undefined;
  let digests: ContentDigests | undefined;

  let receivedBytes = 0;
  let segmentIndex = 0;
  let segmentFilled = 0;
  let cipher: CipherGCM | undefined;

  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let position = headerBytesFor(options);
  let writing: Promise<void> | undefined;

  const append = (sealed: Buffer): void => {
    pending.push(sealed);
    pendingBytes += sealed.length;
  };

  const write = async (): Promise<void> => {
    const buffers = pending;
    const at = position;
    position += pendingBytes;
    pending = [];
    pendingBytes = 0;
    await file.writeAt(buffers, at);
    for (const sealed of buffers) releaseBuffer(sealed);
  };

  const encrypt = (content: Buffer): void => {
    let rest = content;
    while (rest.length > 0) {
      cipher ??= sealing(objectKey.key, segmentPart(segmentIndex, segmentCount), segmentIndex);
      const piece = rest.subarray(0, segmentBytes - segmentFilled);
      append(cipher.update(piece));
      rest = rest.subarray(piece.length);
      segmentFilled += piece.length;
      receivedBytes += piece.length;
      if (segmentFilled < segmentBytes && receivedBytes < sizeBytes) continue;
      cipher.final();
      append(cipher.getAuthTag());
      cipher = undefined;
      segmentIndex += 1;
      segmentFilled = 0;
    }
  };

  const writeInBackground = (): void => {
    const flight = write();
    writing = flight;
    // A failure is met by whoever awaits the flight next: the push that waits, or finish.
    flight.then(
      () => {
        if (writing === flight) writing = undefined;
      },
      () => undefined,
    );
  };

  return {
    push(content) {
      if (receivedBytes + content.length > sizeBytes) throw new RangeError("More content than announced");
      sha256.update(content);
      md5?.update(content);
      encrypt(content);
      if (pendingBytes < writeBytes) return undefined;
      if (writing) return writing.then(writeInBackground);
      writeInBackground();
      return undefined;
    },

    announceSize(announcedBytes) {
      sizeBytes = announcedBytes;
      segmentCount = segmentCountOf(announcedBytes);
    },

    async finish() {
      if (receivedBytes !== sizeBytes) throw new RangeError("Less content than announced");
      await writing;
      digests = { sha256: sha256.digest("hex"), ...(md5 && { md5: md5.digest("hex") }) };
      return digests;
    },

    async seal({ etag, contentType, createdAtMs, checksum, belongsTo, joined }) {
      if (!digests) throw new Error("seal() before finish()");
      // As on AWS under SSE-KMS, an ETag need not be the content's MD5; without one it is just unique.
      const chosen = etag ?? digests.md5 ?? takeRandomBytes(16).toString("hex");
      const about = {
        etag: chosen,
        contentType,
        createdAtMs,
        ...(checksum && { checksum }),
        ...(belongsTo !== undefined && { belongsTo }),
        ...(headers && { headers }),
        ...(tags && { tags }),
      };
      const header = joined
        ? {
            ...about,
            sizeBytes: joined.sizeBytes,
            parts: { directory: joined.directory, manifestBytes: sizeBytes },
            ...(joined.composite && { composite: joined.composite }),
          }
        : { sizeBytes, sha256: digests.sha256, ...about };
      const sealedHeader = sealHeader(objectKey, header);
      if (position === sealedHeader.length) {
        // Nothing is written yet: all of it at once.
        pending.unshift(sealedHeader);
        position = 0;
        await write();
      } else await Promise.all([pendingBytes > 0 ? write() : undefined, file.writeAt([sealedHeader], 0)]);
      await file.syncData();
      return chosen;
    },
  };
}

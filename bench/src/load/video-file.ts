import { createCipheriv, randomBytes } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { inflateSync } from "node:zlib";

const pieceBytes = 1024 * 1024;

/** The box of a movie of one track, ten seconds that show nothing (ISO/IEC 14496-12 section 8), deflated. */
const movie = inflateSync(
  Buffer.from(
    "eNpjYGD8nJufX8bAwJCTW5aRwoACmF8wMKgLMDAygBACMKKqQuc7MOAFTEAN9SVFidlAdkxJNthOZkzTgPYy4LcHm7" +
      "1MDUDhDLCkdG5KZiKQoZCbgt1foUfAHMWMlJwimExZZkoqurWXcjPz0oD0qeKSpBwgnVZcUpyC5ISw3AKTMhxOBDoI" +
      "6BwPIMMDlwoMIPH/P4gsLikpRtLDBXE2gwzQ9mQkcagcmBYBylVB5VKg4kCx5Hwk9TIAqrgqjg==",
    "base64",
  ),
);

/** Writes an MP4 of that size, whose media data is random. */
export function writeVideoFile(path: string, sizeBytes: number): void {
  const brands = Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isommp41", "latin1");
  const head = Buffer.concat([brands, movie, Buffer.from("\0\0\0\0mdat", "latin1")]);
  // The last box goes on to the end of the file (ISO/IEC 14496-12 section 4.2): its size stays 0.
  const cipher = createCipheriv("aes-128-ctr", randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(pieceBytes);
  const file = openSync(path, "w");
  writeSync(file, head);
  for (let left = sizeBytes - head.length; left > 0; left -= pieceBytes)
    writeSync(file, cipher.update(zeros.subarray(0, Math.min(left, pieceBytes))));
  closeSync(file);
}

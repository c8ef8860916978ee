import { createCipheriv, randomBytes } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";

const pieceBytes = 1024 * 1024;

/** Writes what is told to be an MP4 by its beginning, and is random after it. */
export function writeVideoFile(path: string, sizeBytes: number): void {
  const head = Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isommp41\0\0\0\0mdat", "latin1");
  // The last box goes on to the end of the file (ISO/IEC 14496-12 section 4.2): its size stays 0.
  const cipher = createCipheriv("aes-128-ctr", randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(pieceBytes);
  const file = openSync(path, "w");
  writeSync(file, head);
  for (let left = sizeBytes - head.length; left > 0; left -= pieceBytes)
    writeSync(file, cipher.update(zeros.subarray(0, Math.min(left, pieceBytes))));
  closeSync(file);
}

import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { FileUnreadableError } from "@stowage/client";
import type { NodeSource } from "@stowage/client/node";

const sampleCount = 32;
const sampleBytes = 16 * 1024;

/**
 * A digest of samples spread over a file, its beginning and its end among them: in milliseconds it tells apart nearly
 * all files that have a path, a size and a time in common. It vouches for nothing.
 *
 * @throws FileUnreadableError
 */
export async function sampleDigest({
  absolutePath,
  path,
  sizeBytes,
}: Pick<NodeSource, "absolutePath" | "path" | "sizeBytes">): Promise<string> {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(sampleBytes);
  const step = Math.max(0, sizeBytes - sampleBytes) / (sampleCount - 1);
  try {
    const handle = await open(absolutePath);
    try {
      for (let sample = 0; sample < sampleCount; sample += 1) {
        const { bytesRead } = await handle.read(piece, 0, sampleBytes, Math.round(sample * step));
        hash.update(piece.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new FileUnreadableError(path, { cause });
  }
  return hash.digest("hex");
}

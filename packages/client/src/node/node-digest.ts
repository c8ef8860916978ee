import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { FileUnreadableError } from "../errors.ts";
import type { Digest } from "../ports.ts";
import { type NodeSource, pieceSize } from "./node-source.ts";

/** Larger pieces spare turns of the event loop; one is held at a time. */
const pieceBytes = 1024 * 1024;

/** SHA-256 of a part, or of a file: read to its very end, so that one that grew is noticed. */
export const nodeDigest: Digest<NodeSource> = {
  async sha256(bytes, onRead, signal) {
    const hash = createHash("sha256");
    const stream =
      "absolutePath" in bytes
        ? createReadStream(bytes.absolutePath, { highWaterMark: pieceSize(bytes.sizeBytes, pieceBytes) })
        : bytes.body();
    const abort = () => stream.destroy(new Error("It was aborted."));
    signal?.addEventListener("abort", abort);
    let readBytes = 0;
    try {
      for await (const piece of stream as AsyncIterable<Buffer>) {
        hash.update(piece);
        readBytes += piece.length;
        onRead(readBytes);
      }
    } catch (cause) {
      throw new FileUnreadableError(bytes.path, { cause });
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    return hash.digest("hex");
  },
};

import { type BigIntStats, createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Readable } from "node:stream";
import { FileUnreadableError } from "../errors.ts";
import type { FileSource } from "../ports.ts";
import { createNodePartReader, type NodePart } from "./node-part.ts";
import { sniffContentType, sniffedBytes } from "./sniff-content-type.ts";

/** A file on this machine's disk. */
export interface NodeSource extends FileSource {
  /** As it was given: for sentences about it. */
  readonly path: string;
  readonly absolutePath: string;
  /** When it was changed last, in nanoseconds. */
  readonly mtimeNs: bigint;
  body(): Readable;
  part(offsetBytes: number, sizeBytes: number): Promise<NodePart>;
}

export interface NodeSourceOptions {
  /** Default: the path's last component. */
  readonly name?: string;
  /** Default: what its first bytes say, else its name's extension, else `application/octet-stream`. */
  readonly contentType?: string;
  /** What a relative path is below. Default: the process's working directory. */
  readonly cwd?: string;
  /** What is known of it already: where it is something else when a part is read, the file has changed. */
  readonly stats?: Pick<BigIntStats, "size" | "mtimeNs">;
}

/** Read in pieces of this size, whatever the file's. */
const pieceBytes = 256 * 1024;

/** One for all sources, which share its memory. */
const readPart = createNodePartReader();

/**
 * A source over a file on disk. It is opened to see what it is; its bytes are read when they are sent, and what it has
 * grown by since is left out.
 *
 * @throws FileUnreadableError
 */
export async function nodeSource(path: string, options: NodeSourceOptions = {}): Promise<NodeSource> {
  const absolutePath = resolve(options.cwd ?? "", path);
  const { name = basename(absolutePath) } = options;
  const { stats, beginning } = await look(path, absolutePath, options.stats);
  const { mtimeNs } = stats;
  const sizeBytes = Number(stats.size);
  const whole = { path, absolutePath, sizeBytes, mtimeNs };
  return {
    ...whole,
    name,
    contentType: options.contentType ?? sniffContentType(beginning, name),
    body: () => streamFile(absolutePath, sizeBytes),
    part: (offsetBytes, partBytes) => readPart(whole, offsetBytes, partBytes),
  };
}

/** No larger than the file: each stream allocates a whole piece at once. */
export const pieceSize = (sizeBytes: number, mostBytes: number): number =>
  Math.max(1, Math.min(mostBytes, sizeBytes));

/** Opens the file anew at each call; what it has grown by since is left out. */
const streamFile = (absolutePath: string, sizeBytes: number): Readable =>
  createReadStream(absolutePath, {
    highWaterMark: pieceSize(sizeBytes, pieceBytes),
    end: Math.max(0, sizeBytes - 1),
  });

async function look(path: string, absolutePath: string, known: NodeSourceOptions["stats"]) {
  try {
    const handle = await open(absolutePath);
    try {
      const stats = known ?? (await handle.stat({ bigint: true }));
      return { stats, beginning: await readBeginning(handle) };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new FileUnreadableError(path, { cause });
  }
}

async function readBeginning(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
  return buffer.subarray(0, bytesRead);
}

import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { FileChangedError, FileUnreadableError } from "../errors.ts";
import type { FilePart } from "../ports.ts";
import type { NodeSource } from "./node-source.ts";

/** A part of a file on this machine's disk, in memory. */
export interface NodePart extends FilePart {
  /** Of the file. */
  readonly path: string;
  body(): Readable;
  release(): void;
}

/** What of a file is needed to read a part of it. */
type Whole = Pick<NodeSource, "path" | "absolutePath" | "sizeBytes" | "mtimeNs">;

export type ReadNodePart = (file: Whole, offsetBytes: number, sizeBytes: number) => Promise<NodePart>;

/** A part is hashed and sent in pieces of this size: between them the event loop turns, and progress is told. */
const pieceBytes = 512 * 1024;

const keptForMs = 5000;

/**
 * Reads parts into memory that is used again once a part is released: as much is held as parts were ever in flight at
 * once, however many a file has. (Left to the garbage collector, it grows to about twice that.) It is let go once no
 * part was held for a while.
 */
export function createNodePartReader(): ReadNodePart {
  const free: Buffer[] = [];
  let held = 0;
  let letGo: NodeJS.Timeout | undefined;

  return async (file, offsetBytes, sizeBytes) => {
    const fitting = free.findIndex(({ length }) => length >= sizeBytes);
    const [memory = Buffer.allocUnsafeSlow(sizeBytes)] = fitting < 0 ? [] : free.splice(fitting, 1);
    const bytes = memory.subarray(0, sizeBytes);
    held += 1;
    clearTimeout(letGo);
    const release = () => {
      free.push(memory);
      held -= 1;
      if (held === 0) letGo = setTimeout(() => free.splice(0), keptForMs).unref();
    };
    try {
      await readAt(file, offsetBytes, bytes);
    } catch (error) {
      release();
      throw error;
    }
    return { path: file.path, sizeBytes, body: () => Readable.from(piecesOf(bytes)), release };
  };
}

/** @throws FileUnreadableError; FileChangedError where it is not what was seen when it was found */
async function readAt(
  { path, absolutePath, sizeBytes, mtimeNs }: Whole,
  offsetBytes: number,
  bytes: Buffer,
): Promise<void> {
  try {
    const handle = await open(absolutePath);
    try {
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, offsetBytes);
      // After the reading: what changed before or during it shows.
      const now = await handle.stat({ bigint: true });
      if (bytesRead === bytes.length && Number(now.size) === sizeBytes && now.mtimeNs === mtimeNs) return;
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new FileUnreadableError(path, { cause });
  }
  throw new FileChangedError(path);
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

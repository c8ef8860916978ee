import { UnstrippableError } from "./pieces.ts";

/** Reads stretches of a file: what is in memory, or on disk. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** @throws UnstrippableError where the file is shorter */
  read(from: number, to: number): Promise<Buffer>;
}

/** A box of the ISO base media file format (ISO/IEC 14496-12 section 4.2), or an atom of QuickTime. */
export interface Box {
  /** Four characters in Latin-1. */
  readonly type: string;
  readonly from: number;
  readonly contentFrom: number;
  readonly to: number;
}

/** More than any real file has; each costs a read. */
const maxBoxes = 10_000;

/** The boxes between two places, in order. They fill it: nothing lies between them or after the last. */
export async function readBoxes(source: ByteSource, from: number, to: number): Promise<readonly Box[]> {
  const boxes: Box[] = [];
  for (let at = from; at < to; ) {
    if (boxes.length >= maxBoxes) throw new UnstrippableError("It has too many boxes.");
    // QuickTime may end a list with four bytes of zero.
    if (to - at === 4 && (await source.read(at, to)).readUInt32BE(0) === 0) return boxes;
    const box = await readBox(source, at, to);
    boxes.push(box);
    at = box.to;
  }
  return boxes;
}

async function readBox(source: ByteSource, from: number, within: number): Promise<Box> {
  if (within - from < 8) throw new UnstrippableError(`A box at ${from} is cut.`);
  const head = await source.read(from, Math.min(within, from + 16));
  const type = head.toString("latin1", 4, 8);
  const short = head.readUInt32BE(0);
  const isLarge = short === 1;
  if (isLarge && head.length < 16) throw new UnstrippableError(`A box at ${from} is cut.`);
  const sizeBytes = isLarge ? Number(head.readBigUInt64BE(8)) : short === 0 ? within - from : short;
  const contentFrom = from + (isLarge ? 16 : 8);
  const to = from + sizeBytes;
  if (to < contentFrom || to > within) throw new UnstrippableError(`A box at ${from} is cut.`);
  return { type, from, contentFrom, to };
}

/** Bytes in memory. */
export const bytesSource = (bytes: Uint8Array): ByteSource => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sizeBytes: buffer.length,
    async read(from, to) {
      if (from < 0 || to > buffer.length || to < from) throw new UnstrippableError("It ends early.");
      return buffer.subarray(from, to);
    },
  };
};

import type { ByteSource } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

/** An element of EBML (RFC 8794 section 3). */
export interface EbmlElement {
  /** With its length marker, as specifications write it: 0x1A45DFA3. */
  readonly id: number;
  readonly from: number;
  readonly contentFrom: number;
  /** Where its parent's end is, if it does not say its size. */
  readonly to: number;
  readonly isSized: boolean;
}

/** An id of up to 4 bytes and a size of up to 8. */
const maxHeadBytes = 12;

/**
 * The element that begins at a place.
 *
 * @param within - where its parent ends
 * @throws UnstrippableError
 */
export async function readElement(source: ByteSource, from: number, within: number): Promise<EbmlElement> {
  const head = await source.read(from, Math.min(within, from + maxHeadBytes));
  const idBytes = lengthOf(head, 0, 4);
  const sizeBytes = lengthOf(head, idBytes, 8);
  const contentFrom = from + idBytes + sizeBytes;
  const size = head.subarray(idBytes, idBytes + sizeBytes);
  const isSized = !isUnknown(size);
  const to = isSized ? contentFrom + numberOf(size) : within;
  if (to > within) throw new UnstrippableError(`An element at ${from} is cut.`);
  return { id: head.readUIntBE(0, idBytes), from, contentFrom, to, isSized };
}

/** Leading zeros of its first byte say how long a number is (RFC 8794 section 4). */
function lengthOf(head: Buffer, at: number, most: number): number {
  const length = Math.clz32(head[at] ?? 0) - 23;
  if (length > most || at + length > head.length) throw new UnstrippableError("An element's head is broken.");
  return length;
}

/** All bits of the value set: a size that its writer did not know yet (RFC 8794 section 6.2). */
const isUnknown = (size: Buffer): boolean =>
  size[0] === (1 << (9 - size.length)) - 1 && size.subarray(1).every((byte) => byte === 0xff);

function numberOf(size: Buffer): number {
  let value = (size[0] ?? 0) & ((1 << (8 - size.length)) - 1);
  for (const byte of size.subarray(1)) value = value * 256 + byte;
  if (!Number.isSafeInteger(value)) throw new UnstrippableError("An element is too large.");
  return value;
}

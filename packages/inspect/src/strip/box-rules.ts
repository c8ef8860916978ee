import { blank, type Patch } from "./blank.ts";
import { type Box, type ByteSource, readBoxes } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

/** Puts patches over what of a box need not be there. */
export type BoxRule = (source: ByteSource, box: Box, patches: Patch[]) => Promise<void>;

export type BoxRules = ReadonlyMap<string, BoxRule>;

export const rules = (entries: Readonly<Record<string, BoxRule>>): BoxRules =>
  new Map(Object.entries(entries));

/** A box of the same size, at the same place, that says nothing (ISO/IEC 14496-12 section 8.1.2). */
export const freed = (box: Box): Patch[] => [
  { from: box.from + 4, bytes: Buffer.from("free", "latin1") },
  ...blank(box.contentFrom, box.to),
];

/** The boxes in it that have a rule; every other becomes free. */
export const holds =
  (children: BoxRules, headBytes = 0): BoxRule =>
  async (source, box, patches) => {
    if (box.to - box.contentFrom < headBytes) throw new UnstrippableError(`A ${box.type} is cut.`);
    await applyRules(source, await readBoxes(source, box.contentFrom + headBytes, box.to), children, patches);
  };

/** Groups of samples, and colours in several ways. Of any other kind a box holds one. */
const repeated: ReadonlySet<string> = new Set(["sgpd", "sbgp", "colr"]);

/** Those of the boxes that have a rule, the first of each kind; every other becomes free. */
export async function applyRules(
  source: ByteSource,
  boxes: readonly Box[],
  children: BoxRules,
  patches: Patch[],
): Promise<void> {
  const seen = new Set<string>();
  for (const box of boxes) {
    const rule = seen.has(box.type) && !repeated.has(box.type) ? undefined : children.get(box.type);
    seen.add(box.type);
    if (rule) await rule(source, box, patches);
    else patches.push(...freed(box));
  }
}

/** Numbers, so many bytes; what follows them is blank. Those of version 1 may be longer. */
export const numbers =
  (sizeBytes: number, version1Bytes = sizeBytes): BoxRule =>
  async (source, { contentFrom, to }, patches) => {
    const isVersion1 =
      version1Bytes !== sizeBytes &&
      to > contentFrom &&
      (await source.read(contentFrom, contentFrom + 1))[0] === 1;
    patches.push(...blank(contentFrom + (isVersion1 ? version1Bytes : sizeBytes), to));
  };

/** A table of rows, of which how many there are is said before them; what follows the last is blank. */
export const table =
  (countAt: number, rowBytes: number, version1RowBytes = rowBytes): BoxRule =>
  async (source, { contentFrom, to, type }, patches) => {
    const rowsFrom = contentFrom + countAt + 4;
    if (rowsFrom > to) throw new UnstrippableError(`A ${type} is cut.`);
    const head = await source.read(contentFrom, rowsFrom);
    const each = head[0] === 1 ? version1RowBytes : rowBytes;
    patches.push(...blank(rowsFrom + head.readUInt32BE(countAt) * each, to));
  };

/** Kept if it is no longer than that; else it is free. */
export const atMost =
  (sizeBytes: number): BoxRule =>
  async (_source, box, patches) => {
    if (box.to - box.contentFrom > sizeBytes) patches.push(...freed(box));
  };

/** The content of a box, if it is as short as its kind is. */
export async function contentOf(source: ByteSource, box: Box, mostBytes: number): Promise<Buffer> {
  if (box.to - box.contentFrom > mostBytes) throw new UnstrippableError(`A ${box.type} is too long.`);
  return source.read(box.contentFrom, box.to);
}

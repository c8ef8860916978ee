import { type Box, type ByteSource, readBoxes } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

// What a HEIF file says of the items that it consists of: ISO/IEC 14496-12 section 8.11, ISO/IEC 23008-12 section 9.3.
// Every list ends where its box does: nothing lies behind it.

export interface ItemEntry {
  /** Four characters in Latin-1. */
  readonly type: string;
  readonly isProtected: boolean;
  readonly box: Box;
  /** Where the type is; after it come a name and, of some types, more text. */
  readonly typeFrom: number;
}

/** The items that `iinf` lists, by number. */
export async function readItemEntries(
  source: ByteSource,
  iinf: Box,
): Promise<ReadonlyMap<number, ItemEntry>> {
  const head = await source.read(iinf.contentFrom, Math.min(iinf.to, iinf.contentFrom + 8));
  const countBytes = (head[0] ?? 0) === 0 ? 2 : 4;
  const entries = new Map<number, ItemEntry>();
  for (const box of await readBoxes(source, iinf.contentFrom + 4 + countBytes, iinf.to)) {
    if (box.type !== "infe")
      throw new UnstrippableError(`A list of items has no ${JSON.stringify(box.type)}.`);
    const bytes = await source.read(box.contentFrom, box.to);
    const version = bytes[0] ?? 0;
    const idBytes = version === 2 ? 2 : 4;
    if (version < 2 || version > 3 || bytes.length < 4 + idBytes + 6)
      throw new UnstrippableError("An item is described in an old way.");
    const id = bytes.readUIntBE(4, idBytes);
    if (entries.has(id)) throw new UnstrippableError(`Item ${id} is described twice.`);
    const typeAt = 4 + idBytes + 2;
    entries.set(id, {
      type: bytes.toString("latin1", typeAt, typeAt + 4),
      isProtected: bytes.readUInt16BE(4 + idBytes) !== 0,
      box,
      typeFrom: box.contentFrom + typeAt,
    });
  }
  return entries;
}

export interface ItemPlace {
  /** 0: in the file; 1: in `idat`; 2: in other items. */
  readonly method: number;
  /** Offset and length; a length of 0 is all that there is. */
  readonly extents: readonly (readonly [number, number])[];
}

/** Where `iloc` says that items are, by number. */
export async function readItemPlaces(source: ByteSource, iloc: Box): Promise<ReadonlyMap<number, ItemPlace>> {
  const reader = createReader(await source.read(iloc.contentFrom, iloc.to));
  const version = reader.uint(1);
  reader.uint(3);
  const sizes = reader.uint(2);
  const [offsetBytes, lengthBytes, baseBytes, indexBytes] = [12, 8, 4, 0].map(
    (shift) => (sizes >> shift) & 15,
  );
  const items = new Map<number, ItemPlace>();
  const count = reader.uint(version < 2 ? 2 : 4);
  for (let item = 0; item < count; item += 1) {
    const id = reader.uint(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : reader.uint(2) & 15;
    if (reader.uint(2) !== 0) throw new UnstrippableError(`Item ${id} lies in another file.`);
    const base = reader.uint(baseBytes ?? 0);
    const extents: (readonly [number, number])[] = [];
    for (let extent = reader.uint(2); extent > 0; extent -= 1) {
      if (version > 0) reader.uint(indexBytes ?? 0);
      const offset = reader.uint(offsetBytes ?? 0);
      extents.push([base + offset, reader.uint(lengthBytes ?? 0)]);
    }
    if (items.has(id)) throw new UnstrippableError(`Item ${id} lies in two places.`);
    items.set(id, { method, extents });
  }
  reader.end();
  return items;
}

export interface ItemReference {
  /** Four characters in Latin-1: what it is for. */
  readonly type: string;
  readonly from: number;
  readonly to: readonly number[];
  readonly box: Box;
}

/** What `iref` says of how items belong together. */
export async function readItemReferences(source: ByteSource, iref: Box): Promise<readonly ItemReference[]> {
  const [version = 0] = await source.read(iref.contentFrom, iref.contentFrom + 4);
  const idBytes = version === 0 ? 2 : 4;
  const references: ItemReference[] = [];
  for (const box of await readBoxes(source, iref.contentFrom + 4, iref.to)) {
    const reader = createReader(await source.read(box.contentFrom, box.to));
    const from = reader.uint(idBytes);
    const to = Array.from({ length: reader.uint(2) }, () => reader.uint(idBytes));
    reader.end();
    references.push({ type: box.type, from, to, box });
  }
  return references;
}

export interface PropertyUse {
  /** From 1, in the order of `ipco`. */
  readonly property: number;
  /** A reader that does not know it must not show the item. */
  readonly isEssential: boolean;
}

/** Which properties items have by `ipma`, by the items' numbers. */
export async function readPropertyUses(
  source: ByteSource,
  ipma: Box,
): Promise<ReadonlyMap<number, readonly PropertyUse[]>> {
  const reader = createReader(await source.read(ipma.contentFrom, ipma.to));
  const version = reader.uint(1);
  const isWide = (reader.uint(3) & 1) !== 0;
  const uses = new Map<number, PropertyUse[]>();
  for (let count = reader.uint(4); count > 0; count -= 1) {
    const id = reader.uint(version < 1 ? 2 : 4);
    const of = uses.get(id) ?? [];
    uses.set(id, of);
    for (let left = reader.uint(1); left > 0; left -= 1) {
      const value = reader.uint(isWide ? 2 : 1);
      const flag = isWide ? 0x8000 : 0x80;
      of.push({ property: value & (flag - 1), isEssential: (value & flag) !== 0 });
    }
  }
  reader.end();
  return uses;
}

/** `pitm`: the picture that is shown. */
export async function readPrimaryItem(source: ByteSource, pitm: Box): Promise<number> {
  const reader = createReader(await source.read(pitm.contentFrom, pitm.to));
  const version = reader.uint(1);
  reader.uint(3);
  const id = reader.uint(version === 0 ? 2 : 4);
  reader.end();
  return id;
}

function createReader(bytes: Buffer) {
  let at = 0;
  return {
    /** Big-endian, of 0 to 8 bytes; none are 0. */
    uint(sizeBytes: number): number {
      if (at + sizeBytes > bytes.length || (sizeBytes > 6 && sizeBytes !== 8))
        throw new UnstrippableError("A list of items is cut, or has numbers that are too wide.");
      const from = at;
      at += sizeBytes;
      if (sizeBytes === 0) return 0;
      return sizeBytes === 8 ? Number(bytes.readBigUInt64BE(from)) : bytes.readUIntBE(from, sizeBytes);
    },
    end(): void {
      if (at !== bytes.length) throw new UnstrippableError("Something follows a list of items.");
    },
  };
}

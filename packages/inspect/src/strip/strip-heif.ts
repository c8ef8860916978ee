import { blank, type Patch, patched } from "./blank.ts";
import { type Box, type ByteSource, readBoxes } from "./iso-boxes.ts";
import { type Stripped, UnstrippableError } from "./pieces.ts";

/** An EXIF item without any tag: an offset of 0 to its header (ISO/IEC 23008-12 annex A.2.1), and an empty TIFF structure. */
const emptyExif = Buffer.from("\0\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", "latin1");

const topLevel: ReadonlySet<string> = new Set(["ftyp", "meta", "mdat", "free", "skip", "styp", "pdin"]);

/** Items that hold pixels, or say how pixels are put together. */
const pictureItems: ReadonlySet<string> = new Set([
  ...["hvc1", "hev1", "av01", "avc1", "jpeg", "j2k1", "vvc1", "unci", "grid", "iovl", "iden", "tmap"],
]);

/** Longest `meta` box that is read: it names items, and holds none of more than a few bytes. */
const maxMetaBytes = 4 * 1024 * 1024;

/**
 * A HEIC or AVIF picture whose metadata items are blank: EXIF is left without tags, XMP and every other item that is no picture is
 * zeros. No byte moves. How it is turned is a property of the picture itself, and stays.
 *
 * ISO/IEC 14496-12 sections 8.11 (meta, iinf, iloc, idat); ISO/IEC 23008-12 annex A.
 *
 * @throws UnstrippableError where it has boxes of an unknown kind, such as a film beside the picture
 */
export async function stripHeif(source: ByteSource): Promise<Stripped> {
  const boxes = await readBoxes(source, 0, source.sizeBytes);
  const patches: Patch[] = [];
  for (const box of boxes) {
    if (!topLevel.has(box.type)) throw new UnstrippableError(`A picture has no box ${show(box.type)}.`);
    if (box.type === "free" || box.type === "skip") patches.push(...blankBox(box));
  }
  const metas = boxes.filter(({ type }) => type === "meta");
  const [meta] = metas;
  if (!meta || metas.length > 1) throw new UnstrippableError("It has not one meta box.");
  if (meta.to - meta.from > maxMetaBytes) throw new UnstrippableError("Its meta box is too large.");
  patches.push(...(await blankItems(source, meta)));
  return patched(source, patches);
}

const blankBox = (box: Box): Patch[] => blank(box.contentFrom, box.to);

async function blankItems(source: ByteSource, meta: Box): Promise<Patch[]> {
  // A FullBox: version and flags come first.
  const boxes = await readBoxes(source, meta.contentFrom + 4, meta.to);
  const one = (type: string): Box | undefined => {
    const found = boxes.filter((box) => box.type === type);
    if (found.length > 1) throw new UnstrippableError(`It has ${found.length} boxes ${type}.`);
    return found[0];
  };
  const patches: Patch[] = [];
  for (const box of boxes) {
    if (!metaBoxes.has(box.type)) throw new UnstrippableError(`A meta box has no ${show(box.type)}.`);
    if (box.type === "free" || box.type === "skip") patches.push(...blankBox(box));
  }
  const [iinf, iloc, idat] = [one("iinf"), one("iloc"), one("idat")];
  if (!iinf || !iloc) throw new UnstrippableError("It does not say what items it has.");
  const types = await readItemTypes(source, iinf);
  const places = await readItemPlaces(source, iloc);
  const kept: (readonly [number, number])[] = [];
  const dropped: { readonly type: string; readonly extents: readonly (readonly [number, number])[] }[] = [];
  for (const [id, { method, extents }] of places) {
    const type = types.get(id);
    if (type === undefined) throw new UnstrippableError(`Item ${id} has no type.`);
    if (method > 1) {
      if (pictureItems.has(type)) continue;
      throw new UnstrippableError(`Item ${id} is made of others.`);
    }
    const base = method === 1 ? idat?.contentFrom : 0;
    if (base === undefined) throw new UnstrippableError(`Item ${id} lies nowhere.`);
    const end = method === 1 && idat ? idat.to : source.sizeBytes;
    const placed = extents.map(([from, length]): readonly [number, number] => {
      const start = base + from;
      const to = length === 0 ? end : start + length;
      if (to > end || to < start) throw new UnstrippableError(`Item ${id} ends beyond the file.`);
      return [start, to];
    });
    if (pictureItems.has(type)) kept.push(...placed);
    else dropped.push({ type, extents: placed });
  }
  for (const { type, extents } of dropped) {
    for (const [from, to] of extents) {
      if (kept.some(([keptFrom, keptTo]) => from < keptTo && keptFrom < to))
        throw new UnstrippableError("A picture shares bytes with what is none.");
      const isFirst = from === extents[0]?.[0];
      // Blank EXIF that says how long it is keeps readers from complaining; blank zeros would be damaged EXIF.
      const isEmptyExif = type === "Exif" && isFirst && to - from >= emptyExif.length;
      if (isEmptyExif) patches.push({ from, bytes: emptyExif });
      patches.push(...blank(isEmptyExif ? from + emptyExif.length : from, to));
    }
  }
  return patches;
}

const metaBoxes: ReadonlySet<string> = new Set([
  ...["hdlr", "pitm", "iinf", "iloc", "iref", "iprp", "idat", "dinf", "grpl", "free", "skip"],
]);

async function readItemTypes(source: ByteSource, iinf: Box): Promise<ReadonlyMap<number, string>> {
  const head = await source.read(iinf.contentFrom, Math.min(iinf.to, iinf.contentFrom + 8));
  const countBytes = (head[0] ?? 0) === 0 ? 2 : 4;
  const types = new Map<number, string>();
  for (const box of await readBoxes(source, iinf.contentFrom + 4 + countBytes, iinf.to)) {
    if (box.type !== "infe") throw new UnstrippableError(`A list of items has no ${show(box.type)}.`);
    const entry = await source.read(box.contentFrom, box.to);
    const version = entry[0] ?? 0;
    const idBytes = version === 2 ? 2 : 4;
    if (version < 2 || version > 3 || entry.length < 4 + idBytes + 6)
      throw new UnstrippableError("An item is described in an old way.");
    const id = entry.readUIntBE(4, idBytes);
    types.set(id, entry.toString("latin1", 4 + idBytes + 2, 4 + idBytes + 6));
  }
  return types;
}

interface ItemPlace {
  /** 0: in the file; 1: in `idat`; 2: in other items. */
  readonly method: number;
  /** Offset and length; a length of 0 is all that there is. */
  readonly extents: readonly (readonly [number, number])[];
}

async function readItemPlaces(source: ByteSource, iloc: Box): Promise<ReadonlyMap<number, ItemPlace>> {
  const bytes = await source.read(iloc.contentFrom, iloc.to);
  const reader = createReader(bytes);
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
    items.set(id, { method, extents });
  }
  return items;
}

function createReader(bytes: Buffer) {
  let at = 0;
  return {
    /** Big-endian, of 0 to 8 bytes; none are 0. */
    uint(sizeBytes: number): number {
      if (at + sizeBytes > bytes.length || (sizeBytes > 6 && sizeBytes !== 8))
        throw new UnstrippableError("Its places of items are cut, or too wide.");
      const from = at;
      at += sizeBytes;
      if (sizeBytes === 0) return 0;
      return sizeBytes === 8 ? Number(bytes.readBigUInt64BE(from)) : bytes.readUIntBE(from, sizeBytes);
    },
  };
}

const show = (type: string): string => JSON.stringify(type);

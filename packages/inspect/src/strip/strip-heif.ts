import { blank, type Patch, patched } from "./blank.ts";
import {
  type ItemEntry,
  type ItemPlace,
  type ItemReference,
  type PropertyUse,
  readItemEntries,
  readItemPlaces,
  readItemReferences,
  readPrimaryItem,
  readPropertyUses,
} from "./heif-items.ts";
import { isAlphaPlane, keptProperty } from "./heif-properties.ts";
import { type Box, type ByteSource, bytesSource, readBoxes } from "./iso-boxes.ts";
import { stripUnitSettings, stripUnits } from "./nal-units.ts";
import { stripOpenBitstreamUnits } from "./open-bitstream-units.ts";
import { type Stripped, UnstrippableError } from "./pieces.ts";
import { apply, beside, differences, type Stretch, spread } from "./stretches.ts";

/** Longest `meta` box that is read: it names items, and holds none of more than a few bytes. */
const maxMetaBytes = 4 * 1024 * 1024;

/** More brands than any file has. */
const maxBrands = 32;

/** Films and fragments of them beside a picture: they are not looked into, and a sequence is nothing without them. */
const films: ReadonlySet<string> = new Set(["moov", "moof"]);

const metaBoxes: ReadonlySet<string> = new Set([
  ...["hdlr", "pitm", "iinf", "iloc", "iref", "iprp", "idat", "grpl"],
]);

/** Of another item, that it is made of; of another's transparency; and that it was multiplied by that. */
const keptReferences: ReadonlySet<string> = new Set(["dimg", "auxl", "prem"]);

/** How many bytes items have that say how others are put together: ISO/IEC 23008-12 section 6.6, ISO 21496-1 annex C. */
const derivedSizesBytes: ReadonlyMap<string, (inputs: number) => readonly number[]> = new Map<
  string,
  (inputs: number) => readonly number[]
>([
  ["grid", () => [8, 12]],
  ["iovl", (inputs) => [14 + 4 * inputs, 18 + 8 * inputs]],
  ["iden", () => [0]],
  ["tmap", () => [62, 142]],
]);

const isCoded = (type: string): boolean => type === "hvc1" || type === "av01";

/** What is written over a type, of a box or an item, so that nobody looks for anything there. */
const free = Buffer.from("free", "latin1");

/**
 * A HEIC or AVIF picture of which the primary picture is left, with what it is made of, its transparency and its brightness
 * on other screens: every other item (EXIF, XMP, thumbnails, further pictures, depth) and every byte that no kept item has is
 * zeros, as are names and descriptions, and boxes and properties of any other kind become `free`. No byte moves. How it is
 * turned is a property of the picture itself, and stays.
 *
 * ISO/IEC 14496-12 sections 4.3 and 8.11; ISO/IEC 23008-12 sections 6 and 9.
 *
 * @throws UnstrippableError where it is not built so, is a sequence, or is coded otherwise than by HEVC or AV1
 */
export async function stripHeif(source: ByteSource): Promise<Stripped> {
  const boxes = await readBoxes(source, 0, source.sizeBytes);
  const [ftyp, ...others] = boxes;
  if (ftyp?.type !== "ftyp") throw new UnstrippableError("It does not say what it is.");
  await checkBrands(source, ftyp);
  const patches: Patch[] = [];
  const metas: Box[] = [];
  const data: Box[] = [];
  for (const box of others) {
    if (films.has(box.type)) throw new UnstrippableError("It holds a film.");
    if (box.type === "meta") metas.push(box);
    else if (box.type === "mdat") data.push(box);
    else patches.push({ from: box.from + 4, bytes: free }, ...blank(box.contentFrom, box.to));
  }
  const [meta] = metas;
  if (!meta || metas.length > 1) throw new UnstrippableError("It has not one meta box.");
  if (meta.to - meta.from > maxMetaBytes) throw new UnstrippableError("Its meta box is too large.");
  const { edited, kept } = await stripMeta(source, meta, data, patches);
  patches.push(...differences(await source.read(meta.from, meta.to), edited, meta.from));
  for (const box of data)
    for (const [from, to] of beside(kept, box.contentFrom, box.to)) patches.push(...blank(from, to));
  return patched(source, patches);
}

async function checkBrands(source: ByteSource, { contentFrom, to }: Box): Promise<void> {
  const brands =
    to - contentFrom > 8 + 4 * maxBrands ? "" : (await source.read(contentFrom, to)).toString("latin1");
  // Its brand, a version, and those that it is compatible with.
  if (!/^[\w ]{4}.{4}([\w ]{4})*$/s.test(brands)) throw new UnstrippableError("Its brands are none.");
}

interface StrippedMeta {
  readonly edited: Buffer;
  /** Where in the file what is kept lies, in order. */
  readonly kept: readonly Stretch[];
}

/** Names what is kept, adds to patches what is to be written over it, and edits the `meta` box itself. */
async function stripMeta(
  source: ByteSource,
  { from: metaFrom, contentFrom: metaContentFrom, to: metaTo }: Box,
  data: readonly Box[],
  patches: Patch[],
): Promise<StrippedMeta> {
  // In memory places count from the beginning of the box.
  const original = Buffer.from(await source.read(metaFrom, metaTo));
  const edited = Buffer.from(original);
  const meta = bytesSource(original);
  // A FullBox: version and flags come first.
  const boxes = await readBoxes(meta, metaContentFrom - metaFrom + 4, original.length);
  const one = (type: string): Box | undefined => {
    const [found, second] = boxes.filter((box) => box.type === type);
    if (second) throw new UnstrippableError(`It has more than one ${type}.`);
    return found;
  };
  const needed = (type: string): Box => {
    const found = one(type);
    if (!found) throw new UnstrippableError(`It has no ${type}.`);
    return found;
  };
  const release = (box: Box): void => {
    free.copy(edited, box.from + 4);
    edited.fill(0, box.contentFrom, box.to);
  };
  for (const box of boxes) if (!metaBoxes.has(box.type)) release(box);
  const hdlr = needed("hdlr");
  if (original.toString("latin1", hdlr.contentFrom + 8, hdlr.contentFrom + 12) !== "pict")
    throw new UnstrippableError("It is no picture.");
  // What comes after the kind is a name.
  edited.fill(0, Math.min(hdlr.to, hdlr.contentFrom + 12), hdlr.to);

  const entries = await readItemEntries(meta, needed("iinf"));
  const places = await readItemPlaces(meta, needed("iloc"));
  const iref = one("iref");
  const references = iref ? await readItemReferences(meta, iref) : [];
  const idat = one("idat");
  const properties = await readProperties(meta, original, needed("iprp"));
  const primary = await readPrimaryItem(meta, needed("pitm"));
  const items = keptItems(primary, entries, references, properties);

  stripEntries(edited, entries, items);
  for (const { type, from, to, box } of references)
    if (!keptReferences.has(type) || ![from, ...to].every((id) => items.has(id)))
      // Readers count on what follows: numbers of items, which tell nothing.
      free.copy(edited, box.from + 4);
  const grpl = one("grpl");
  for (const box of grpl ? await readBoxes(meta, grpl.contentFrom, grpl.to) : [])
    if (!isAlternative(original.subarray(box.contentFrom, box.to), box.type, items)) release(box);
  const lengthBytesOf = await stripProperties(original, edited, properties, items, release);

  const kept: Stretch[] = [];
  const keptInside: Stretch[] = [];
  for (const id of items) {
    const place = places.get(id) ?? { method: 0, extents: [] };
    const extents = placesOf(place, idat, data, source.sizeBytes);
    const type = entries.get(id)?.type ?? "";
    (place.method === 1 ? keptInside : kept).push(...extents);
    const within = place.method === 1 ? meta : source;
    const parts: Buffer[] = [];
    for (const [from, to] of extents) parts.push(Buffer.from(await within.read(from, to)));
    const content = Buffer.concat(parts);
    const inputs = references
      .filter(({ type, from }) => type === "dimg" && from === id)
      .flatMap(({ to }) => to);
    const inside = await stripItem(type, content, lengthBytesOf.get(id), inputs.length);
    if (inside.length > 0 && place.method === 1) throw new UnstrippableError("A coded picture lies in idat.");
    for (const patch of inside) patches.push(...spread(extents, patch));
  }
  for (const [id, place] of places)
    if (!items.has(id)) checkApart(place, place.method === 1 ? keptInside : kept, idat);
  for (const list of [kept, keptInside]) list.sort(([a], [b]) => a - b);
  if (idat) for (const [from, to] of beside(keptInside, idat.contentFrom, idat.to)) edited.fill(0, from, to);
  return { edited, kept };
}

interface Properties {
  /** In the order by which they are counted, from 1. */
  readonly boxes: readonly Box[];
  readonly contentOf: (box: Box) => Buffer;
  readonly uses: ReadonlyMap<number, readonly PropertyUse[]>;
}

async function readProperties(meta: ByteSource, bytes: Buffer, iprp: Box): Promise<Properties> {
  const uses = new Map<number, PropertyUse[]>();
  const containers: Box[] = [];
  for (const box of await readBoxes(meta, iprp.contentFrom, iprp.to)) {
    if (box.type === "ipco") containers.push(box);
    else if (box.type !== "ipma") throw new UnstrippableError("Its properties hold something else.");
    else
      for (const [id, of] of await readPropertyUses(meta, box))
        uses.set(id, [...(uses.get(id) ?? []), ...of]);
  }
  const [ipco] = containers;
  if (!ipco || containers.length > 1) throw new UnstrippableError("It has not one ipco.");
  return {
    boxes: await readBoxes(meta, ipco.contentFrom, ipco.to),
    contentOf: ({ contentFrom, to }) => bytes.subarray(contentFrom, to),
    uses,
  };
}

/**
 * The primary picture, what it is made of, their transparency, and a picture for brighter screens that is made of them.
 *
 * @throws UnstrippableError where one of them is of a kind that can't be looked into
 */
function keptItems(
  primary: number,
  entries: ReadonlyMap<number, ItemEntry>,
  references: readonly ItemReference[],
  { boxes, contentOf, uses }: Properties,
): ReadonlySet<number> {
  const items = new Set<number>();
  const isAlpha = (id: number): boolean =>
    (uses.get(id) ?? []).some(({ property }) => {
      const box = boxes[property - 1];
      return box?.type === "auxC" && isAlphaPlane(contentOf(box));
    });
  const keep = (id: number): void => {
    if (items.has(id)) return;
    const entry = entries.get(id);
    if (!entry || entry.isProtected || !(isCoded(entry.type) || derivedSizesBytes.has(entry.type)))
      throw new UnstrippableError(`Item ${id} is of a kind that can't be looked into.`);
    items.add(id);
    for (const { type, from, to } of references) {
      if (type === "dimg" && from === id) to.forEach(keep);
      if (type === "auxl" && to.includes(id) && isAlpha(from)) keep(from);
    }
  };
  keep(primary);
  for (const { type, from, to } of references)
    if (type === "dimg" && entries.get(from)?.type === "tmap" && to.includes(primary)) keep(from);
  return items;
}

/** Leaves of what describes an item its number and type, and of one that goes not even that. */
function stripEntries(
  edited: Buffer,
  entries: ReadonlyMap<number, ItemEntry>,
  items: ReadonlySet<number>,
): void {
  for (const [id, { box, typeFrom }] of entries) {
    edited.fill(0, typeFrom + 4, box.to);
    if (items.has(id)) continue;
    free.copy(edited, typeFrom);
    // Not to be shown (ISO/IEC 23008-12 section 6.4.2).
    edited[box.contentFrom + 3] = 1;
  }
}

/** Whether a group of entities is one of kept items, of which a reader shows the first that it can (section 6.8.1). */
function isAlternative(content: Buffer, type: string, items: ReadonlySet<number>): boolean {
  if (type !== "altr" || content.length < 12) return false;
  const count = content.readUInt32BE(8);
  if (content.length !== 12 + 4 * count) return false;
  return Array.from({ length: count }, (_, index) => content.readUInt32BE(12 + 4 * index)).every((id) =>
    items.has(id),
  );
}

/**
 * Edits properties, and releases those that no kept item has or needs.
 *
 * @returns by item, of how many bytes lengths of its units are, where it is coded by HEVC
 */
async function stripProperties(
  original: Buffer,
  edited: Buffer,
  { boxes, contentOf, uses }: Properties,
  items: ReadonlySet<number>,
  release: (box: Box) => void,
): Promise<ReadonlyMap<number, number>> {
  const lengthBytesOf = new Map<number, number>();
  const usedBy = new Map<number, { readonly id: number; readonly isEssential: boolean }[]>();
  for (const id of items)
    for (const { property, isEssential } of uses.get(id) ?? [])
      usedBy.set(property, [...(usedBy.get(property) ?? []), { id, isEssential }]);
  for (const [index, box] of boxes.entries()) {
    const users = usedBy.get(index + 1) ?? [];
    const content = users.length > 0 ? keptProperty(box.type, contentOf(box)) : undefined;
    if (!content) {
      if (users.some(({ isEssential }) => isEssential))
        throw new UnstrippableError(`A picture can't be shown without ${JSON.stringify(box.type)}.`);
      release(box);
      continue;
    }
    content.copy(edited, box.contentFrom);
    const patches: Patch[] = [];
    const within = [bytesSource(original), box.contentFrom, box.to] as const;
    if (box.type === "hvcC") {
      const { lengthBytes } = await stripUnitSettings(...within, "hevc", patches);
      for (const { id } of users) lengthBytesOf.set(id, lengthBytes);
    } else if (box.type === "av1C") {
      const [source, contentFrom, to] = within;
      if (content.length < 4) throw new UnstrippableError("A picture's av1C is cut.");
      await stripOpenBitstreamUnits(source, contentFrom + 4, to, patches);
    }
    apply(edited, patches);
  }
  return lengthBytesOf;
}

/** Patches over what an item holds beside its picture, from its beginning. */
async function stripItem(
  type: string,
  content: Buffer,
  lengthBytes: number | undefined,
  inputs: number,
): Promise<readonly Patch[]> {
  const patches: Patch[] = [];
  const source = bytesSource(content);
  if (type === "av01") await stripOpenBitstreamUnits(source, 0, content.length, patches);
  else if (type === "hvc1") {
    if (lengthBytes === undefined) throw new UnstrippableError("A picture has no hvcC.");
    await stripUnits(source, 0, content.length, { codec: "hevc", lengthBytes }, patches);
  } else if (!derivedSizesBytes.get(type)?.(inputs).includes(content.length))
    throw new UnstrippableError(`An item ${type} has ${content.length} bytes.`);
  return patches;
}

/** Where a kept item lies: in the file's `mdat` boxes, or in `idat` (in which places count from the beginning of `meta`). */
function placesOf(
  { method, extents }: ItemPlace,
  idat: Box | undefined,
  data: readonly Box[],
  sizeBytes: number,
): readonly Stretch[] {
  if (method > 1 || (method === 1 && !idat))
    throw new UnstrippableError("An item lies in others, or nowhere.");
  const [base, end] = method === 1 && idat ? [idat.contentFrom, idat.to] : [0, sizeBytes];
  return extents.map(([from, length]): Stretch => {
    const start = base + from;
    const to = length === 0 ? end : start + length;
    const isInside = (method === 1 && idat ? [idat] : data).some(
      (box) => start >= box.contentFrom && start <= to && to <= box.to,
    );
    if (!isInside) throw new UnstrippableError("An item does not lie where data are.");
    return [start, to];
  });
}

/** What goes may not be a part of what stays. */
function checkApart({ method, extents }: ItemPlace, kept: readonly Stretch[], idat: Box | undefined): void {
  const base = method === 1 ? (idat?.contentFrom ?? 0) : 0;
  for (const [from, length] of extents) {
    const to = length === 0 ? Number.POSITIVE_INFINITY : base + from + length;
    if (kept.some(([keptFrom, keptTo]) => base + from < keptTo && keptFrom < to))
      throw new UnstrippableError("A picture shares bytes with what is none.");
  }
}

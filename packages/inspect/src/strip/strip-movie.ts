import { blank, type Patch, patched } from "./blank.ts";
import { type Box, type ByteSource, readBoxes } from "./iso-boxes.ts";
import { readSampleStretches, type Stretch } from "./movie-samples.ts";
import { type Stripped, UnstrippableError } from "./pieces.ts";

// What a player needs, by the box that it is in; everything else is made `free`.
const kept = {
  file: new Set(["ftyp", "moov", "mdat", "wide", "pdin"]),
  moov: new Set(["mvhd", "trak", "iods"]),
  trak: new Set(["tkhd", "edts", "mdia", "tref", "tapt", "load"]),
  mdia: new Set(["mdhd", "hdlr", "minf", "elng"]),
  minf: new Set(["vmhd", "smhd", "gmhd", "nmhd", "hdlr", "dinf", "stbl"]),
} satisfies Record<string, ReadonlySet<string>>;

/** Pictures, sound, and the time code that an editor counts by; never subtitles, in which drones write where they are. */
const keptHandlers: ReadonlySet<string> = new Set(["vide", "soun", "tmcd"]);

/** Ways to say what a film consists of that are not looked into here. */
const unreadable: ReadonlySet<string> = new Set(["moof", "cmov", "rmra", "mvex"]);

/**
 * An MP4 or QuickTime film in which only pictures and sound are left: user data, metadata (of a track, too), unknown boxes and
 * tracks of any other kind (places by the second, subtitles) become `free` boxes of zeros, and whatever of `mdat` no kept track
 * has as a sample is zeros. No byte moves, so no offset has to be written anew.
 *
 * ISO/IEC 14496-12; QuickTime File Format Specification.
 *
 * @throws UnstrippableError where it is fragmented, compressed, or contradicts itself
 */
export async function stripMovie(source: ByteSource): Promise<Stripped> {
  const patches: Patch[] = [];
  const samples: Stretch[] = [];
  const boxes = await readBoxes(source, 0, source.sizeBytes);
  for (const box of boxes) {
    if (!keepBox(box, kept.file, patches)) continue;
    if (box.type === "moov") await stripMoov(source, box, patches, samples);
  }
  samples.sort(([a], [b]) => a - b);
  for (const { type, contentFrom, to } of boxes)
    if (type === "mdat") patches.push(...blankBeside(samples, contentFrom, to));
  return patched(source, patches);
}

async function stripMoov(source: ByteSource, moov: Box, patches: Patch[], samples: Stretch[]): Promise<void> {
  for (const box of await readBoxes(source, moov.contentFrom, moov.to)) {
    if (!keepBox(box, kept.moov, patches) || box.type !== "trak") continue;
    const inside: Patch[] = [];
    const table = await stripTrack(source, box, inside);
    if (!table) patches.push(...freed(box));
    else {
      patches.push(...inside);
      for (const stretch of await readSampleStretches(source, table)) samples.push(stretch);
    }
  }
}

/** @returns the track's sample table; `undefined` where the track is of no kept kind */
async function stripTrack(source: ByteSource, trak: Box, patches: Patch[]): Promise<Box | undefined> {
  const mdia = await keepInside(source, trak, kept.trak, "mdia", patches);
  const boxes = await readBoxes(source, mdia.contentFrom, mdia.to);
  const hdlr = boxes.find(({ type }) => type === "hdlr");
  if (!hdlr || hdlr.to - hdlr.contentFrom < 12) throw new UnstrippableError("A track is of no kind.");
  const handler = (await source.read(hdlr.contentFrom + 8, hdlr.contentFrom + 12)).toString("latin1");
  if (!keptHandlers.has(handler)) return undefined;
  const minf = await keepInside(source, mdia, kept.mdia, "minf", patches);
  return keepInside(source, minf, kept.minf, "stbl", patches);
}

/** Frees what need not be in a box, and finds the one that must be. */
async function keepInside(
  source: ByteSource,
  parent: Box,
  types: ReadonlySet<string>,
  wanted: string,
  patches: Patch[],
): Promise<Box> {
  const boxes = await readBoxes(source, parent.contentFrom, parent.to);
  for (const box of boxes) keepBox(box, types, patches);
  const [found, second] = boxes.filter(({ type }) => type === wanted);
  if (!found || second) throw new UnstrippableError(`A ${parent.type} has not one ${wanted}.`);
  return found;
}

function keepBox(box: Box, types: ReadonlySet<string>, patches: Patch[]): boolean {
  if (types.has(box.type)) return true;
  if (unreadable.has(box.type)) throw new UnstrippableError(`Its ${box.type} is not looked into.`);
  patches.push(...freed(box));
  return false;
}

/** A box of the same size, at the same place, that says nothing (ISO/IEC 14496-12 section 8.1.2). */
const freed = (box: Box): Patch[] => [
  { from: box.from + 4, bytes: Buffer.from("free", "latin1") },
  ...blank(box.contentFrom, box.to),
];

function blankBeside(samples: readonly Stretch[], from: number, to: number): Patch[] {
  const patches: Patch[] = [];
  let at = from;
  for (const [sampleFrom, sampleTo] of samples) {
    if (sampleTo <= at) continue;
    if (sampleFrom >= to) break;
    if (sampleFrom > at) patches.push(...blank(at, sampleFrom));
    at = Math.min(to, sampleTo);
  }
  if (at < to) patches.push(...blank(at, to));
  return patches;
}

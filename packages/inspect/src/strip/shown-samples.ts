import { contentOf } from "./box-rules.ts";
import { type Box, type ByteSource, readBoxes } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";
import { theOne } from "./shown-tracks.ts";

/** What comes before the first sound and behind the last is hidden in nearly every film, and is some hundredths of a second. */
const mostHiddenSeconds = 1;
/** An editor's reference film has some dozens. */
const maxEdits = 10_000;
/** Eight bytes for each sample at most. */
const maxTableBytes = 128 * 1024 * 1024;

/** From a moment of a track's own time to another. */
type Span = readonly [from: number, to: number];

/**
 * Holds what a track's edits show to what it has. A film that was trimmed without being encoded again keeps what was cut off, and its edits
 * pass over it: whoever leaves them out of account sees it. Pictures that are shown may be built on some of those, so that they can't simply go.
 *
 * ISO/IEC 14496-12 sections 8.6.1 and 8.6.6.
 *
 * @param movieHeader - `mvhd`
 * @throws UnstrippableError where more than a second is hidden, or that can't be told
 */
export async function assertAllShown(
  source: ByteSource,
  trak: Box,
  movieHeader: Box | undefined,
): Promise<void> {
  const edits = await theOnly(source, trak, "edts");
  const list = edits && (await theOnly(source, edits, "elst"));
  if (!list) return;
  const mdia = await theOne(source, trak, "mdia");
  const ticks = await readTimescale(source, await theOne(source, mdia, "mdhd"));
  const movieTicks = movieHeader ? await readTimescale(source, movieHeader) : 0;
  const spans = await readEdits(source, list, ticks / movieTicks);
  if (!spans) return;
  if (ticks === 0 || movieTicks === 0) throw new UnstrippableError("A track's edits are of no length.");
  const stbl = await theOne(source, await theOne(source, mdia, "minf"), "stbl");
  if ((await hiddenTicks(source, stbl, spans)) > mostHiddenSeconds * ticks)
    throw new UnstrippableError("A track has more than is shown of it.");
}

async function theOnly(source: ByteSource, parent: Box, type: string): Promise<Box | undefined> {
  const boxes = await readBoxes(source, parent.contentFrom, parent.to);
  const [found, second] = boxes.filter((box) => box.type === type);
  if (second) throw new UnstrippableError(`A ${parent.type} has more than one ${type}.`);
  return found;
}

/** How many units of time a second has, by `mvhd` or `mdhd`. */
async function readTimescale(source: ByteSource, { contentFrom, to, type }: Box): Promise<number> {
  const bytes = await source.read(contentFrom, Math.min(to, contentFrom + 24));
  const at = bytes[0] === 1 ? 20 : 12;
  if (bytes.length < at + 4) throw new UnstrippableError(`A ${type} is cut.`);
  return bytes.readUInt32BE(at);
}

/**
 * What edits show, in order and without overlaps.
 *
 * @param scale - a track's units of time in one of the film's
 * @returns `undefined` where there are none: all is shown
 */
async function readEdits(source: ByteSource, list: Box, scale: number): Promise<readonly Span[] | undefined> {
  const bytes = await contentOf(source, list, 8 + maxEdits * 20);
  if (bytes.length < 8) throw new UnstrippableError("A track's edits are cut.");
  const isWide = bytes[0] === 1;
  const count = bytes.readUInt32BE(4);
  if (count === 0) return undefined;
  const rowBytes = isWide ? 20 : 12;
  if (8 + count * rowBytes > bytes.length) throw new UnstrippableError("A track's edits are cut.");
  const spans: Span[] = [];
  for (let at = 8; at < 8 + count * rowBytes; at += rowBytes) {
    const length = isWide ? Number(bytes.readBigUInt64BE(at)) : bytes.readUInt32BE(at);
    const from = isWide ? Number(bytes.readBigInt64BE(at + 8)) : bytes.readInt32BE(at + 4);
    // Nothing is shown for so long.
    if (from === -1) continue;
    const speed = bytes.readInt32BE(at + rowBytes - 4) / 0x10000;
    // One that says no length is to the end: its writer did not know it. Lengths are rounded to the film's units.
    const end = length === 0 ? Number.POSITIVE_INFINITY : from + (length + 1) * scale * Math.max(0, speed);
    spans.push([from, Math.max(end, from + 1)]);
  }
  return merged(spans);
}

function merged(spans: readonly Span[]): readonly Span[] {
  const apart: Span[] = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = apart.at(-1);
    if (last && from <= last[1]) apart[apart.length - 1] = [last[0], Math.max(last[1], to)];
    else apart.push([from, to]);
  }
  return apart;
}

/** How long those samples last together of which nothing is shown. */
async function hiddenTicks(source: ByteSource, stbl: Box, shown: readonly Span[]): Promise<number> {
  const durations = await readRuns(source, await theOne(source, stbl, "stts"));
  const ctts = await theOnly(source, stbl, "ctts");
  return ctts
    ? hiddenWithDelays(durations, await readRuns(source, ctts), shown)
    : hiddenWithoutDelays(durations, shown);
}

/** Where samples are shown in the order in which they are decoded. */
function hiddenWithoutDelays({ count, samplesOf, numberOf }: Runs, shown: readonly Span[]): number {
  let from = 0;
  let hidden = 0;
  for (let run = 0, index = 0; run < count; run += 1) {
    const [samples, duration] = [samplesOf(run), numberOf(run)];
    const end = from + samples * duration;
    if (duration === 0 && !touches(shown, from, from + 1)) hidden += samples;
    for (let at = from; at < end; ) {
      while ((shown[index]?.[1] ?? Number.POSITIVE_INFINITY) <= at) index += 1;
      const [spanFrom, spanTo] = shown[index] ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      const gapEnd = Math.min(end, spanFrom);
      // Whole samples alone.
      const whole = Math.floor((gapEnd - from) / duration) - Math.ceil((at - from) / duration);
      hidden += Math.max(0, whole) * duration;
      at = Math.max(gapEnd, spanTo);
    }
    from = end;
  }
  return hidden;
}

function hiddenWithDelays(durations: Runs, delays: Runs, shown: readonly Span[]): number {
  if (durations.samples > maxSamples) throw new UnstrippableError("A track has too many samples.");
  let decodedAt = 0;
  let hidden = 0;
  let [delayRun, delayed] = [0, 0];
  for (let run = 0; run < durations.count; run += 1) {
    const duration = durations.numberOf(run);
    const lasts = Math.max(1, duration);
    for (let sample = durations.samplesOf(run); sample > 0; sample -= 1) {
      while (delayRun < delays.count && delayed >= delays.samplesOf(delayRun))
        [delayRun, delayed] = [delayRun + 1, 0];
      // A signed number, whatever its table's version: writers disagree.
      const delay = delayRun < delays.count ? delays.numberOf(delayRun) | 0 : 0;
      delayed += 1;
      const from = decodedAt + delay;
      if (!touches(shown, from, from + lasts)) hidden += lasts;
      decodedAt += duration;
    }
  }
  return hidden;
}

/** So many samples, and a number for each of them; run after run. */
interface Runs {
  readonly count: number;
  /** In all of them. */
  readonly samples: number;
  readonly samplesOf: (run: number) => number;
  readonly numberOf: (run: number) => number;
}

/** More than a day's, at 60 a second. */
const maxSamples = 16_000_000;

async function readRuns(source: ByteSource, box: Box): Promise<Runs> {
  const bytes = await contentOf(source, box, maxTableBytes);
  const count = bytes.length < 8 ? 0 : bytes.readUInt32BE(4);
  if (bytes.length < 8 + count * 8) throw new UnstrippableError(`A track's ${box.type} is cut.`);
  const samplesOf = (run: number): number => bytes.readUInt32BE(8 + run * 8);
  const numberOf = (run: number): number => bytes.readUInt32BE(12 + run * 8);
  let samples = 0;
  for (let run = 0; run < count; run += 1) samples += samplesOf(run);
  return { count, samples, samplesOf, numberOf };
}

/** Whether any of the spans, which are in order, has part of what is between two moments. */
function touches(spans: readonly Span[], from: number, to: number): boolean {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.[1] ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  const span = spans[low];
  return span !== undefined && span[0] < to;
}

import { type Box, type ByteSource, readBoxes } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";
import type { SampleDescription } from "./sample-descriptions.ts";

/** Four bytes for each sample; a day of film at 60 pictures a second has five million. */
const maxTableBytes = 64 * 1024 * 1024;
const maxSamples = maxTableBytes / 4;
/** As many as an hour of film has, where pictures and sound take turns at each sample, and more than files have whose writers mind how they are read. */
const maxChunks = 1_000_000;

/** Samples that follow one another in the file. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
  readonly firstSample: number;
  readonly sampleCount: number;
}

export interface TrackSamples {
  readonly chunks: readonly Chunk[];
  /** In bytes; counted from 0. */
  readonly sizeOf: (sample: number) => number;
}

/**
 * Where a track's samples lie in the file, chunk by chunk, by its sample table: sizes (`stsz`, `stz2`), samples in a chunk
 * (`stsc`), chunks' places (`stco`, `co64`); ISO/IEC 14496-12 sections 8.7.3 to 8.7.5.
 *
 * @param known - of every sample, where it is known from elsewhere how large it is
 * @throws UnstrippableError where the tables contradict each other, or that
 */
export async function readTrackSamples(
  source: ByteSource,
  stbl: Box,
  known: Pick<SampleDescription, "sampleBytes" | "isCountedInMoments">,
): Promise<TrackSamples> {
  const boxes = await readBoxes(source, stbl.contentFrom, stbl.to);
  const content = async (...types: readonly string[]): Promise<{ type: string; bytes: Buffer }> => {
    const [box, second] = boxes.filter(({ type }) => types.includes(type));
    if (!box || second) throw new UnstrippableError(`A track has not one ${types.join(" or ")}.`);
    if (box.to - box.from > maxTableBytes) throw new UnstrippableError(`A track's ${box.type} is too large.`);
    return { type: box.type, bytes: await source.read(box.contentFrom, box.to) };
  };
  const places = await content("stco", "co64");
  const runs = await content("stsc");
  const sizes = readSampleSizes(await content("stsz", "stz2"), known);
  const chunkCount = uint(places.bytes, 4);
  if (chunkCount > maxChunks) throw new UnstrippableError("A track is in too many chunks.");
  const wide = places.type === "co64";
  const runCount = uint(runs.bytes, 4);
  const chunks: Chunk[] = [];
  let firstSample = 0;
  for (let run = 0, chunk = 0; run < runCount; run += 1) {
    const sampleCount = uint(runs.bytes, 12 + run * 12);
    const nextFirst = run + 1 < runCount ? uint(runs.bytes, 8 + (run + 1) * 12) - 1 : chunkCount;
    if (nextFirst < chunk || nextFirst > chunkCount)
      throw new UnstrippableError("A track's chunks are not in order.");
    for (; chunk < nextFirst; chunk += 1) {
      if (firstSample + sampleCount > sizes.count)
        throw new UnstrippableError("A track has fewer samples than its chunks.");
      const from = wide ? wideUint(places.bytes, 8 + chunk * 8) : uint(places.bytes, 8 + chunk * 4);
      const to = from + sizes.sum(firstSample, sampleCount);
      chunks.push({ from, to, firstSample, sampleCount });
      firstSample += sampleCount;
    }
  }
  return { chunks, sizeOf: sizes.of };
}

interface SampleSizes {
  readonly count: number;
  readonly of: (sample: number) => number;
  readonly sum: (first: number, count: number) => number;
}

function readSampleSizes(
  { type, bytes }: { type: string; bytes: Buffer },
  { sampleBytes, isCountedInMoments }: Pick<SampleDescription, "sampleBytes" | "isCountedInMoments">,
): SampleSizes {
  const count = uint(bytes, 8);
  const said = type === "stsz" ? uint(bytes, 4) : 0;
  const all = said === 1 && isCountedInMoments && sampleBytes !== undefined ? sampleBytes : said;
  if (sampleBytes !== undefined && count > 0 && all !== sampleBytes)
    throw new UnstrippableError("A track's samples are of another size than they must be.");
  if (all > 0) return { count, of: () => all, sum: (_first, samples) => samples * all };
  if (count > maxSamples) throw new UnstrippableError("A track has too many samples.");
  const of = sizeReader(type, bytes);
  const sum = (first: number, samples: number): number => {
    let sizeBytes = 0;
    for (let sample = first; sample < first + samples; sample += 1) sizeBytes += of(sample);
    return sizeBytes;
  };
  return { count, of, sum };
}

function sizeReader(type: string, bytes: Buffer): (sample: number) => number {
  if (type === "stsz") return (sample) => uint(bytes, 12 + sample * 4);
  const bits = bytes[7] ?? 0;
  return (sample) => {
    if (bits === 16) return uint16(bytes, 12 + sample * 2);
    if (bits === 8) return byte(bytes, 12 + sample);
    const pair = byte(bytes, 12 + (sample >> 1));
    return sample % 2 === 0 ? pair >> 4 : pair & 15;
  };
}

const cut = () => new UnstrippableError("A track's table is cut.");

function byte(bytes: Buffer, at: number): number {
  const value = bytes[at];
  if (value === undefined) throw cut();
  return value;
}

function uint16(bytes: Buffer, at: number): number {
  if (at + 2 > bytes.length) throw cut();
  return bytes.readUInt16BE(at);
}

function uint(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw cut();
  return bytes.readUInt32BE(at);
}

function wideUint(bytes: Buffer, at: number): number {
  if (at + 8 > bytes.length) throw cut();
  return Number(bytes.readBigUInt64BE(at));
}

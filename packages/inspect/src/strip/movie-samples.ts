import { type Box, type ByteSource, readBoxes } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

/** From a byte to the one before another. */
export type Stretch = readonly [from: number, to: number];

/** Four bytes for each sample; a day of film at 60 pictures a second has five million. */
const maxTableBytes = 64 * 1024 * 1024;

/**
 * Where a track's samples lie in the file, chunk by chunk, by its sample table: sizes (`stsz`, `stz2`), samples in a chunk
 * (`stsc`), chunks' places (`stco`, `co64`); ISO/IEC 14496-12 sections 8.7.3 to 8.7.5.
 *
 * @throws UnstrippableError where the tables contradict each other
 */
export async function readSampleStretches(source: ByteSource, table: Box): Promise<Stretch[]> {
  const boxes = await readBoxes(source, table.contentFrom, table.to);
  const content = async (...types: readonly string[]): Promise<{ type: string; bytes: Buffer }> => {
    const [box, second] = boxes.filter(({ type }) => types.includes(type));
    if (!box || second) throw new UnstrippableError(`A track has not one ${types.join(" or ")}.`);
    if (box.to - box.from > maxTableBytes) throw new UnstrippableError(`A track's ${box.type} is too large.`);
    return { type: box.type, bytes: await source.read(box.contentFrom, box.to) };
  };
  const places = await content("stco", "co64");
  const runs = await content("stsc");
  const sizeOf = sampleSizes(await content("stsz", "stz2"));
  const chunkCount = uint(places.bytes, 4);
  const wide = places.type === "co64";
  const runCount = uint(runs.bytes, 4);
  const stretches: Stretch[] = [];
  let sample = 0;
  for (let run = 0, chunk = 0; run < runCount; run += 1) {
    const samplesPerChunk = uint(runs.bytes, 12 + run * 12);
    const nextFirst = run + 1 < runCount ? uint(runs.bytes, 8 + (run + 1) * 12) - 1 : chunkCount;
    if (nextFirst < chunk || nextFirst > chunkCount)
      throw new UnstrippableError("A track's chunks are not in order.");
    for (; chunk < nextFirst; chunk += 1) {
      const from = wide ? wideUint(places.bytes, 8 + chunk * 8) : uint(places.bytes, 8 + chunk * 4);
      let sizeBytes = 0;
      for (let index = 0; index < samplesPerChunk; index += 1, sample += 1) sizeBytes += sizeOf(sample);
      stretches.push([from, from + sizeBytes]);
    }
  }
  return stretches;
}

function sampleSizes({ type, bytes }: { type: string; bytes: Buffer }): (sample: number) => number {
  const count = uint(bytes, 8);
  const beyond = (): never => {
    throw new UnstrippableError("A track has fewer samples than its chunks.");
  };
  if (type === "stz2") {
    const bits = bytes[7] ?? 0;
    return (sample) => {
      if (sample >= count) return beyond();
      if (bits === 16) return uint16(bytes, 12 + sample * 2);
      if (bits === 8) return byte(bytes, 12 + sample);
      const pair = byte(bytes, 12 + (sample >> 1));
      return sample % 2 === 0 ? pair >> 4 : pair & 15;
    };
  }
  const all = uint(bytes, 4);
  return (sample) => (sample >= count ? beyond() : all > 0 ? all : uint(bytes, 12 + sample * 4));
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

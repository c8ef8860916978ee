import { box } from "../made-heics.test-data.ts";

// Films of one track, box by box.

export { box };

export const uints = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
};

export const text = (value: string): Buffer => Buffer.from(value, "latin1");

/** A description of pictures (ISO/IEC 14496-12 section 12.1.3). */
export const pictures = (type: string, compressor: string, ...more: readonly Buffer[]): Buffer => {
  const head = Buffer.alloc(78);
  head.writeUInt16BE(1, 6);
  head[42] = compressor.length;
  head.write(compressor, 43, "latin1");
  return box(type, head, ...more);
};

/** A description of sound (section 12.2.3): two channels of 16 bits. */
export const sound = (type: string, ...more: readonly Buffer[]): Buffer => {
  const head = Buffer.alloc(28);
  head.writeUInt16BE(1, 6);
  head.writeUInt16BE(2, 16);
  head.writeUInt16BE(16, 18);
  return box(type, head, ...more);
};

/** Settings of H.264 (ISO/IEC 14496-15 section 5.3.3.1) with a set of parameters of each kind; lengths of units have four bytes. */
export const avcSettings = (more = Buffer.alloc(0)): Buffer =>
  box("avcC", Buffer.from([1, 66, 0, 10, 0xff, 0xe1, 0, 2, 0x67, 1, 1, 0, 2, 0x68, 1]), more);

export const withLength = (unit: Buffer): Buffer => Buffer.concat([uints(unit.length), unit]);

export interface MadeTrack {
  readonly handler?: string;
  readonly description: Buffer;
  readonly samples: readonly Buffer[];
  /** Of each of them, where the table says it once for all. */
  readonly sampleBytes?: number;
  /** In every place of a track that may hold boxes, one of these more. */
  readonly more?: readonly Buffer[];
  readonly name?: string;
  readonly mediaHeader?: readonly Buffer[];
  readonly dref?: Buffer;
  /** More tables of its samples. */
  readonly table?: readonly Buffer[];
  /** Whether it is played. Default true. */
  readonly isOn?: boolean;
  /** From when, and for how long, in units of which each sample lasts one. Default: all of it. */
  readonly edits?: readonly (readonly [from: number, length: number])[];
  /** How many of those units a second has. Default 10. */
  readonly timescale?: number;
  /** How much later than it is decoded each sample is shown. */
  readonly delays?: readonly number[];
}

const header = (type: string, sizeBytes: number, timescale: number): Buffer => {
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeUInt32BE(timescale, 12);
  return box(type, bytes);
};

/** A film whose samples lie one after the other in its first box of media. */
export function filmOf(track: MadeTrack, more: readonly Buffer[] = []): Buffer {
  const { handler = "vide", description, samples, name = "" } = track;
  const here = track.more ?? [];
  const { timescale = 10, edits = [[0, samples.length]], isOn = true, delays } = track;
  const ftyp = box("ftyp", text("isom"), uints(0), text("isom"));
  const media = box(
    "minf",
    ...(track.mediaHeader ?? [box("vmhd", uints(1, 0, 0))]),
    box("dinf", track.dref ?? box("dref", uints(0, 1), box("url ", uints(1))), ...here),
    box(
      "stbl",
      box("stsd", uints(0, 1), description),
      box("stts", uints(0, 1, samples.length, 1)),
      ...(delays ? [box("ctts", uints(0, delays.length, ...delays.flatMap((delay) => [1, delay])))] : []),
      box("stsc", uints(0, 1, 1, samples.length, 1)),
      box(
        "stsz",
        track.sampleBytes === undefined
          ? uints(0, 0, samples.length, ...samples.map(({ length }) => length))
          : uints(0, track.sampleBytes, samples.length),
      ),
      box("stco", uints(0, 1, ftyp.length + 8)),
      ...(track.table ?? []),
      ...here,
    ),
    ...here,
  );
  const trak = box(
    "trak",
    box("tkhd", uints(isOn ? 1 : 0), Buffer.alloc(80)),
    box(
      "edts",
      box("elst", uints(0, edits.length, ...edits.flatMap(([from, length]) => [length, from, 0x10000]))),
      ...here,
    ),
    box("tref", box("tmcd", uints(2)), ...here),
    box("tapt", box("clef", uints(0, 1, 1)), ...here),
    box(
      "mdia",
      header("mdhd", 24, timescale),
      box("hdlr", uints(0, 0), text(handler), uints(0, 0, 0), text(`${name}\0`)),
      media,
    ),
    ...here,
  );
  return Buffer.concat([
    ftyp,
    box("mdat", ...samples),
    box("moov", header("mvhd", 100, timescale), trak, ...here),
    ...more,
  ]);
}

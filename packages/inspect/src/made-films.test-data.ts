import { box } from "./made-heics.test-data.ts";

// Films of containers alone: what they show is noise.

export interface FilmOptions {
  readonly brand?: string;
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
  /** Clockwise, as phones write it. */
  readonly turn?: 0 | 90;
  readonly tracks?: number;
  readonly moovLast?: boolean;
  readonly mediaBytes?: number;
}

/** An MP4 or QuickTime file (ISO/IEC 14496-12 section 8) of one second, 640 × 360. */
export function film(options: FilmOptions = {}): Buffer {
  const { brand = "isom", width = 640, height = 360, durationMs = 1000, turn = 0, tracks = 1 } = options;
  const type = box("ftyp", Buffer.from(`${brand}\0\0\x02\0${brand}`, "latin1"));
  const matrix = (turned: boolean): Buffer =>
    turned
      ? uints(0, 0x10000, 0, 0xffff0000, 0, 0, 0, 0, 0x40000000)
      : uints(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
  const entry = box(
    "mp4v",
    uints(0, 1, 0, 0, 0, 0, width * 65_536 + height, 0x480000, 0x480000, 0),
    Buffer.from([0, 1]),
    Buffer.alloc(32),
    Buffer.from([0, 24, 255, 255]),
  );
  const table = box(
    "stbl",
    box("stsd", uints(0, 1), entry),
    box("stts", uints(0, 1, 10, durationMs / 10)),
    box("stsc", uints(0, 1, 1, 10, 1)),
    box("stsz", uints(0, 100, 10)),
    box("stco", uints(0, 1, type.length)),
  );
  const media = box(
    "mdia",
    box("mdhd", uints(0, 0, 0, 1000, durationMs, 0x55c40000)),
    box("hdlr", uints(0, 0), Buffer.from("vide"), uints(0, 0, 0), Buffer.alloc(1)),
    box("minf", table),
  );
  const header = uints(3, 0, 0, 1, 0, durationMs, 0, 0, 0, 0);
  const size = uints(width * 65_536, height * 65_536);
  const track = box("trak", box("tkhd", header, matrix(turn === 90), size), media);
  const moov = box(
    "moov",
    box(
      "mvhd",
      uints(0, 0, 0, 1000, durationMs, 0x10000, 0x1000000, 0, 0),
      matrix(false),
      uints(0, 0, 0, 0, 0, 0, 2),
    ),
    ...Array<Buffer>(tracks).fill(track),
  );
  const mdat = box("mdat", Buffer.alloc(options.mediaBytes ?? 2000, 7));
  return Buffer.concat(options.moovLast ? [type, mdat, moov] : [type, moov, mdat]);
}

/** A WebM file (RFC 9559) of 1.5 seconds, 320 × 180; one that was recorded live says neither its size nor its length. */
export function webm({ isLive = false } = {}): Buffer {
  const head = element(0x1a45dfa3, element(0x4282, Buffer.from("webm")));
  const duration = Buffer.alloc(8);
  duration.writeDoubleBE(1500);
  const info = element(
    0x1549a966,
    element(0x2ad7b1, number(1_000_000)),
    isLive ? Buffer.alloc(0) : element(0x4489, duration),
  );
  const video = element(0xe0, element(0xb0, number(320)), element(0xba, number(180)));
  const track = element(
    0xae,
    element(0xd7, number(1)),
    element(0x73c5, number(1)),
    element(0x83, number(1)),
    element(0x86, Buffer.from("V_VP8")),
    video,
  );
  const block = element(0xa3, Buffer.from([0x81, 0, 0, 0x80, 1, 2, 3]));
  const cluster = element(0x1f43b675, element(0xe7, number(0)), block, block);
  const parts = [info, element(0x1654ae6b, track), cluster];
  const segment = isLive
    ? Buffer.concat([Buffer.from("1853806701ffffffffffffff", "hex"), ...parts])
    : element(0x18538067, ...parts);
  return Buffer.concat([head, segment]);
}

function element(id: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(body.length) | (1n << 56n));
  return Buffer.concat([number(id), size, body]);
}

function number(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
}

function uints(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";

/** Numbers from 0 to 1 that are the same in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A photo's mixture of slopes, waves and noise: compresses like one, and no two corners look alike. */
export function photo(width: number, height: number, seed = 1): Sharp {
  const random = seededRandom(seed);
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 3) {
      const texture = 30 * Math.sin(x / 37) * Math.sin(y / 23) + (random() + random() - 1) * 16;
      data[at] = clamp((x / width) * 200 + texture);
      data[at + 1] = clamp((y / height) * 200 + texture);
      data[at + 2] = clamp(100 + 60 * Math.sin(x / 250) + texture);
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Red, green, blue and grey quarters, clockwise from the top left. */
export function quarters(width: number, height: number): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 3) {
      const left = x < width / 2;
      const [red, green, blue] = y < height / 2 ? (left ? RED : GREEN) : left ? GREY : BLUE;
      data[at] = red;
      data[at + 1] = green;
      data[at + 2] = blue;
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

export type Colour = readonly [number, number, number];
export const RED: Colour = [220, 30, 30];
export const GREEN: Colour = [30, 200, 30];
export const BLUE: Colour = [30, 30, 220];
export const GREY: Colour = [128, 128, 128];

/** A black PNG of one bit a pixel: 256 megapixels are 33 KB. */
export function blackPng(width: number, height: number): Buffer {
  return emptyPng(width, height, { bitDepth: 1, colourType: 0, interlaced: 0 }, pngRows(width, height, 1));
}

/** A transparent interlaced PNG of 64 bits a pixel, all of which must be in memory at once to be shown. */
export function interlacedPng(width: number, height: number): Buffer {
  // The seven passes of Adam7: first column and row, and the steps from one to the next.
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  const bytes = passes.map(([left, top, across, down]) =>
    pngRows(Math.ceil((width - left) / across), Math.ceil((height - top) / down), 64),
  );
  const total = bytes.reduce((sum, pass) => sum + pass, 0);
  return emptyPng(width, height, { bitDepth: 16, colourType: 6, interlaced: 1 }, total);
}

function pngRows(width: number, height: number, bitsPerPixel: number): number {
  return (Math.ceil((width * bitsPerPixel) / 8) + 1) * height;
}

function emptyPng(
  width: number,
  height: number,
  { bitDepth, colourType, interlaced }: { bitDepth: number; colourType: number; interlaced: number },
  dataBytes: number,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colourType, 0, 0, interlaced], 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(Buffer.alloc(dataBytes), { level: bitDepth === 1 ? 9 : 1 })),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** An animated GIF whose frames are one pixel each on a canvas of the given size. */
export function animatedGif(width: number, height: number, frames: number): Buffer {
  const screen = Buffer.from("GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff", "latin1");
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([screen, ...Array<Buffer>(frames).fill(frame), Buffer.from([0x3b])]);
}

/** Puts a segment right behind a JPEG's start marker. */
export function withJpegSegment(jpeg: Buffer, marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, data, jpeg.subarray(2)]);
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, value));
}

import { randomBytes } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";

export interface ImageOptions {
  /** Default 64. */
  readonly width?: number;
  /** Default 48. */
  readonly height?: number;
  /** Other seeds make other bytes. Default: a new one each time. */
  readonly seed?: number;
  /** EXIF orientation, 1 to 8. Pixels are stored so that the picture looks the same for each. Default none. */
  readonly orientation?: number;
}

let seeds = 0;

/** Gradients that depend on the seed, with a red top-left quarter so that turning it shows. */
function paint(width: number, height: number, seed: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0, at = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1, at += 3) {
      const isCorner = x < width / 2 && y < height / 2;
      pixels[at] = isCorner ? 230 : (x * 3 + seed * 7) & 0x7f;
      pixels[at + 1] = (y * 2 + seed * 13) & 0x7f;
      pixels[at + 2] = isCorner ? 20 : ((x ^ y) + seed * 31) & 0xff;
    }
  return pixels;
}

function draw({ width = 64, height = 48, seed }: ImageOptions): Sharp {
  seeds += 1;
  return sharp(paint(width, height, seed ?? seeds + process.pid), { raw: { width, height, channels: 3 } });
}

export const makePng = (options: ImageOptions = {}): Promise<Buffer> => draw(options).png().toBuffer();
export const makeWebp = (options: ImageOptions = {}): Promise<Buffer> => draw(options).webp().toBuffer();

/** A PNG of random pixels: about three bytes of file each. */
export const makeNoisePng = (width: number, height: number): Promise<Buffer> =>
  sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();

/** How pixels must be stored so that an orientation shows them upright again. */
const storeFor: ReadonlyMap<number, (image: Sharp) => Sharp> = new Map([
  [1, (image) => image],
  [2, (image) => image.flop()],
  [3, (image) => image.rotate(180)],
  [4, (image) => image.flip()],
  [5, (image) => image.rotate(270).flop()],
  [6, (image) => image.rotate(270)],
  [7, (image) => image.rotate(90).flop()],
  [8, (image) => image.rotate(90)],
]);

/** An upright picture as a camera stores it that was held so: PNG in, PNG out. */
export const storeTurned = (upright: Buffer, orientation: number): Promise<Buffer> =>
  (storeFor.get(orientation)?.(sharp(upright)) ?? sharp(upright)).png().toBuffer();

export async function makeJpeg(options: ImageOptions = {}): Promise<Buffer> {
  const { orientation } = options;
  if (orientation === undefined) return draw(options).jpeg({ quality: 90 }).toBuffer();
  const upright = await draw(options).png().toBuffer();
  const stored = await storeTurned(upright, orientation);
  return sharp(stored).withMetadata({ orientation }).jpeg({ quality: 90 }).toBuffer();
}

/** The first part of a file. */
export const cutShort = (bytes: Buffer, fraction = 0.5): Buffer =>
  Buffer.from(bytes.subarray(0, Math.floor(bytes.length * fraction)));

const pngSignature = Buffer.from("89504e470d0a1a0a", "hex");

function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A valid one-bit grey PNG of that many pixels, black all over: a few kilobytes that decode to gigabytes. */
export function makePngBomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = Buffer.alloc((1 + Math.ceil(width / 8)) * height);
  return Buffer.concat([
    pngSignature,
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(rows, { level: 1 })),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

export interface Picture {
  readonly format: string;
  readonly width: number;
  readonly height: number;
}

/** What an encoded picture is. */
export async function readPicture(bytes: Uint8Array): Promise<Picture> {
  const { format, width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
  return { format, width, height };
}

/** How far two pictures look apart: mean difference of their 8×8 averages, 0 (alike) to 255. */
export async function measureDifference(one: Uint8Array, other: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all(
    [one, other].map((bytes) =>
      sharp(bytes).removeAlpha().toColourspace("srgb").resize(8, 8, { fit: "fill" }).raw().toBuffer(),
    ),
  );
  if (a === undefined || b === undefined || a.length !== b.length) return 255;
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += Math.abs((a[at] ?? 0) - (b[at] ?? 0));
  return sum / a.length;
}

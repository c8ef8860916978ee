import { randomBytes } from "node:crypto";
import sharp from "sharp";
import { storeTurned } from "../images.ts";
import { drawLandscape, type MoodName } from "./landscapes.ts";
import { drawPortrait } from "./portraits.ts";
import { drawTextPage } from "./text-pages.ts";

/** A picture as a person has it on a disk. */
export interface MadePicture {
  readonly name: string;
  readonly contentType: "image/jpeg";
  readonly bytes: Buffer;
}

interface Plan {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly draw: (size: { readonly width: number; readonly height: number }) => string;
  /** EXIF, 1 to 8: the camera was held so. Default none. */
  readonly orientation?: number;
}

const landscape = (
  name: string,
  mood: MoodName,
  seed: number,
  [width, height]: readonly [number, number],
  orientation?: number,
): Plan => ({
  name: `${name}.jpg`,
  width,
  height,
  draw: (size) => drawLandscape({ mood, seed, ...size }),
  ...(orientation === undefined ? {} : { orientation }),
});

const portrait = (
  name: string,
  seed: number,
  [width, height]: readonly [number, number],
  orientation?: number,
): Plan => ({
  name: `${name}.jpg`,
  width,
  height,
  draw: (size) => drawPortrait({ seed, ...size }),
  ...(orientation === undefined ? {} : { orientation }),
});

const textPage = (name: string, title: string, seed: number): Plan => ({
  name: `${name}.jpg`,
  width: 1000,
  height: 1414,
  draw: (size) => drawTextPage({ title, seed, ...size }),
});

const wide = [1500, 1000] as const;
const tall = [1000, 1400] as const;
const square = [1100, 1100] as const;
const panorama = [1800, 760] as const;

/** Thirty pictures, in every orientation that a camera writes, so that a grid of them looks like a person's. */
const plans: readonly Plan[] = [
  landscape("Lake at dawn", "dawn", 11, wide),
  portrait("Ada", 4, tall),
  landscape("First snow", "winter", 23, wide, 3),
  landscape("Dunes", "desert", 31, panorama),
  landscape("Midsummer", "noon", 7, wide, 6),
  portrait("Bruno", 9, square),
  landscape("Harbour lights", "night", 41, wide),
  textPage("Packing list", "Packing list", 51),
  landscape("Fog over the pass", "fog", 17, tall, 8),
  landscape("Evening swim", "dusk", 3, wide, 1),
  landscape("October", "autumn", 29, wide, 2),
  portrait("Carla", 15, tall, 5),
  landscape("High tarn", "noon", 37, wide),
  landscape("Last ferry", "dusk", 43, panorama),
  landscape("Polar night", "night", 47, tall, 7),
  portrait("Dmitri", 22, square, 3),
  landscape("Red canyon", "desert", 53, wide, 4),
  landscape("Birch wood", "autumn", 59, tall, 6),
  landscape("Morning fog", "fog", 61, wide),
  textPage("Ship's log", "Ship’s log", 67),
  landscape("Glacier", "winter", 71, wide),
  portrait("Emi", 28, tall),
  landscape("Long shadows", "dawn", 73, panorama),
  landscape("North shore", "noon", 79, tall),
  landscape("Camp two", "dusk", 83, tall, 8),
  portrait("Farid", 33, tall, 6),
  landscape("Before the storm", "fog", 89, panorama),
  landscape("Moonrise", "night", 97, wide),
  landscape("Tundra", "autumn", 101, wide),
  landscape("Quiet bay", "dawn", 103, square),
];

export const madePictureCount = plans.length;

/** Noise over everything, as film and sensors have: a smooth drawing shows bands, and does not look taken. */
async function addGrain(picture: Buffer, width: number, height: number): Promise<Buffer> {
  const grain = await sharp(randomBytes(width * height), { raw: { width, height, channels: 1 } })
    .linear(0.09, 116)
    .png({ compressionLevel: 0 })
    .toBuffer();
  return sharp(picture)
    .composite([{ input: grain, blend: "soft-light" }])
    .removeAlpha()
    .png({ compressionLevel: 0 })
    .toBuffer();
}

async function make({ name, width, height, draw, orientation }: Plan): Promise<MadePicture> {
  const drawn = await sharp(Buffer.from(draw({ width, height })))
    .png({ compressionLevel: 0 })
    .toBuffer();
  const upright = await addGrain(drawn, width, height);
  const bytes =
    orientation === undefined
      ? await sharp(upright).jpeg({ quality: 84 }).toBuffer()
      : await storeTurned(upright, orientation).then((turned) =>
          sharp(turned).withMetadata({ orientation }).jpeg({ quality: 84 }).toBuffer(),
        );
  return { name, contentType: "image/jpeg", bytes };
}

/** The first `count` of the pictures (30 at most), drawn one after the other. */
export async function makePictures(count = plans.length): Promise<MadePicture[]> {
  const made: MadePicture[] = [];
  for (const plan of plans.slice(0, count)) made.push(await make(plan));
  return made;
}

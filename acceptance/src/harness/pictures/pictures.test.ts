import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { measureDifference, storeTurned } from "../images.ts";
import { drawLandscape, type MoodName, moods } from "./landscapes.ts";
import { drawPortrait } from "./portraits.ts";
import { drawTextPage } from "./text-pages.ts";

const size = { width: 120, height: 90 };
const render = (svg: string): Promise<Buffer> => sharp(Buffer.from(svg)).png().toBuffer();

test("every drawing is an SVG of its size, the same for the same seed and another for another", async () => {
  const drawings: ((seed: number) => string)[] = [
    (seed) => drawPortrait({ seed, ...size }),
    (seed) => drawTextPage({ title: "Title", seed, ...size }),
    ...(Object.keys(moods) as MoodName[]).map(
      (mood) => (seed: number) => drawLandscape({ mood, seed, ...size }),
    ),
  ];
  for (const draw of drawings) {
    assert.equal(draw(1), draw(1));
    assert.notEqual(draw(1), draw(2));
    const { width, height } = await sharp(await render(draw(1))).metadata();
    assert.deepEqual({ width, height }, size);
  }
});

test("a picture stored for any orientation is turned upright by it", async () => {
  const upright = await render(drawLandscape({ mood: "dawn", seed: 5, ...size }));
  for (let orientation = 1; orientation <= 8; orientation += 1) {
    const stored = await storeTurned(upright, orientation);
    const shown = await sharp(await sharp(stored).withMetadata({ orientation }).jpeg().toBuffer())
      .rotate()
      .toBuffer();
    const difference = await measureDifference(upright, shown);
    assert.ok(difference < 4, `orientation ${orientation}: ${difference}`);
  }
});

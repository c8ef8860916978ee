import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { makeJpeg, makePng, makePngBomb, measureDifference, readPicture } from "./images.ts";

test("pictures of every orientation look alike once turned, and unlike before", async () => {
  const upright = await makeJpeg({ width: 96, height: 64, seed: 5 });
  for (let orientation = 1; orientation <= 8; orientation += 1) {
    const stored = await makeJpeg({ width: 96, height: 64, seed: 5, orientation });
    assert.equal((await sharp(stored).metadata()).orientation, orientation);
    const turned = await sharp(stored).autoOrient().toBuffer();
    assert.ok((await measureDifference(turned, upright)) < 4, `orientation ${orientation}`);
    if (orientation > 1)
      assert.ok((await measureDifference(stored, upright)) > 8, `orientation ${orientation}`);
  }
});

test("every picture has bytes of its own unless a seed says otherwise", async () => {
  assert.notDeepEqual(await makePng(), await makePng());
  assert.deepEqual(await makePng({ seed: 1 }), await makePng({ seed: 1 }));
});

test("a bomb is a small file of the pixels that it says", async () => {
  const bomb = makePngBomb(16_384, 16_384);
  assert.ok(bomb.length < 300_000, `${bomb.length}`);
  assert.deepEqual(await readPicture(bomb), { format: "png", width: 16_384, height: 16_384 });
});

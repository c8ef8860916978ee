import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Patch, patched } from "./blank.ts";
import { bytesSource } from "./iso-boxes.ts";
import { stripOpenBitstreamUnits } from "./open-bitstream-units.ts";
import { joinPieces, UnstrippableError } from "./pieces.ts";

const place = "52.5200N 13.4050E";
/** With its size, which is less than 128. */
const unit = (type: number, content: string): Buffer =>
  Buffer.concat([Buffer.from([(type << 3) | 2, content.length]), Buffer.from(content, "latin1")]);

async function stripped(bytes: Buffer): Promise<Buffer> {
  const patches: Patch[] = [];
  await stripOpenBitstreamUnits(bytesSource(bytes), 0, bytes.length, patches);
  return joinPieces(bytes, (await patched(bytesSource(bytes), patches)).pieces);
}

test("metadata that anybody may register, and unknown units, become padding; frames and light levels stay", async () => {
  const frame = unit(6, "pictures");
  const lightLevels = unit(5, "\x01\x03\xe8\x01\x90\x80");
  const original = Buffer.concat([
    unit(2, ""),
    unit(5, `\x04\xb5${place}\x80`),
    lightLevels,
    unit(5, `\x07${place}`),
    unit(9, place),
    unit(15, place),
    frame,
  ]);
  const given = await stripped(original);
  assert.equal(given.length, original.length);
  assert.ok(!given.includes(place));
  for (const kept of [frame, lightLevels]) assert.equal(given.indexOf(kept), original.indexOf(kept));
  const padding = Buffer.concat([unit(15, `${"\0".repeat(place.length + 2)}\x80`)]);
  assert.ok(given.includes(padding), given.toString("latin1"));
  assert.deepEqual(await stripped(given), given);
});

test("the last unit may lack a size", async () => {
  const original = Buffer.concat([unit(6, "pictures"), Buffer.from([5 << 3, 4]), Buffer.from(place)]);
  assert.ok(!(await stripped(original)).includes(place));
});

test("units that are longer than their sample are an error", async () => {
  await assert.rejects(stripped(unit(6, "pictures").subarray(0, -1)), UnstrippableError);
  await assert.rejects(stripped(Buffer.from([0x32, 0xff])), UnstrippableError);
});

test("whatever the bytes, they end in an error or keep their number", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
      try {
        assert.equal((await stripped(Buffer.from(bytes))).length, bytes.length);
      } catch (error) {
        assert.ok(error instanceof UnstrippableError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

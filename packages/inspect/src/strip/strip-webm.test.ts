import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesSource } from "./iso-boxes.ts";
import { joinPieces, UnstrippableError } from "./pieces.ts";
import { stripWebm } from "./strip-webm.ts";

const place = "Place +52.5+013.4/";

const idOf = (id: number): Buffer => Buffer.from(id.toString(16).padStart(id > 0xffffff ? 8 : 2, "0"), "hex");
const element = (id: number, ...content: readonly (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(content.map((each) => (typeof each === "string" ? Buffer.from(each) : each)));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(0x10000000 | body.length);
  return Buffer.concat([idOf(id), size, body]);
};
const byte = (value: number) => Buffer.from([value]);

const header = element(0x1a45dfa3, element(0x4282, "webm"));
const track = (type: number, ...more: Buffer[]) =>
  element(0xae, element(0xd7, byte(1)), element(0x83, byte(type)), ...more);
const block = element(0xa3, "pictures");

function film(
  options: { readonly tracks?: Buffer[]; readonly more?: Buffer[]; readonly live?: boolean } = {},
) {
  const inside = [
    element(0x1549a966, element(0x2ad7b1, byte(1)), element(0x7ba9, place), element(0x4d80, "writer")),
    element(0x1654ae6b, ...(options.tracks ?? [track(1, element(0x536e, place)), track(2)])),
    options.live
      ? Buffer.concat([Buffer.from("1f43b675ff", "hex"), element(0xe7, byte(0)), block])
      : element(0x1f43b675, element(0xe7, byte(0)), block),
    ...(options.more ?? []),
  ];
  return Buffer.concat([
    header,
    options.live
      ? Buffer.concat([Buffer.from("1853806701ffffffffffffff", "hex"), ...inside])
      : element(0x18538067, ...inside),
  ]);
}

const stripped = async (bytes: Buffer) => joinPieces(bytes, (await stripWebm(bytesSource(bytes))).pieces);

test("leaves of a film its pictures and sound where they are, and names no place", async () => {
  const told = [
    element(0x1254c367, place),
    element(0x1941a469, place),
    element(0xec, place),
    element(0xec, "x"),
  ];
  for (const live of [false, true]) {
    const original = film({ live, more: told });
    const given = await stripped(original);
    assert.equal(given.length, original.length);
    assert.equal(given.indexOf("pictures"), original.indexOf("pictures"));
    assert.ok(original.includes(place) && !given.includes(place));
    assert.ok(given.includes("writer"));
    assert.deepEqual(await stripped(given), given);
  }
});

test("gives out what says nothing beside as it is", async () => {
  const plain = Buffer.concat([
    header,
    element(0x18538067, element(0x1654ae6b, track(1)), element(0x1f43b675, block)),
  ]);
  assert.ok((await stripWebm(bytesSource(plain))).isSame);
});

test("blanks what follows the film", async () => {
  const given = await stripped(Buffer.concat([film(), Buffer.from(place)]));
  assert.ok(!given.includes(place));
});

test("refuses films with subtitles, and what is no film", async () => {
  for (const bytes of [
    film({ tracks: [track(1), track(17)] }),
    film({ tracks: [] }).subarray(0, 40),
    Buffer.from("x"),
  ])
    await assert.rejects(stripped(bytes), UnstrippableError);
});

test("ends in a refusal or in a film of the same size, whatever is cut or flipped", async () => {
  const original = film({ live: true, more: [element(0x1254c367, place)] });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ at: fc.nat(original.length - 1), value: fc.nat(255) }), { maxLength: 5 }),
      fc.nat(original.length),
      async (changes, end) => {
        const bytes = Buffer.from(original.subarray(0, changes.length === 0 ? end : original.length));
        for (const { at, value } of changes) bytes[at] = value;
        try {
          assert.equal((await stripped(bytes)).length, bytes.length);
        } catch (error) {
          assert.ok(error instanceof UnstrippableError, String(error));
        }
      },
    ),
    { numRuns: 3000 },
  );
});

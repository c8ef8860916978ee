import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesSource } from "./iso-boxes.ts";
import { joinPieces, UnstrippableError } from "./pieces.ts";
import { stripMovie } from "./strip-movie.ts";

const place = "+52.5+013.4/";

const box = (type: string, ...content: readonly (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(content.map((each) => (typeof each === "string" ? Buffer.from(each) : each)));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
};
const uints = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
};

const track = (handler: string, chunks: readonly number[], sizes: readonly number[], ...more: Buffer[]) =>
  box(
    "trak",
    box("tkhd", uints(0, 0, 0, 1)),
    box(
      "mdia",
      box("mdhd", uints(0)),
      box("hdlr", uints(0, 0), handler, uints(0, 0, 0)),
      box(
        "minf",
        box("vmhd", uints(0)),
        box(
          "stbl",
          box("stsd", uints(0, 0)),
          box("stsc", uints(0, 1, 1, sizes.length / chunks.length, 1)),
          box("stsz", uints(0, 0, sizes.length, ...sizes)),
          box("stco", uints(0, chunks.length, ...chunks)),
        ),
      ),
    ),
    ...more,
  );

/** Pictures and a track of places by the second, each in two chunks, and bytes that belong to no track. */
function film(more: { readonly moov?: Buffer[]; readonly top?: Buffer[]; readonly trak?: Buffer[] } = {}) {
  const ftyp = box("ftyp", "qt  ", uints(0), "qt  ");
  const mdat = box("mdat", "pic1pic2", place, "hidden", "pic3pic4", place);
  const base = ftyp.length + 8;
  const { length } = place;
  return Buffer.concat([
    ftyp,
    mdat,
    box(
      "moov",
      box("mvhd", uints(0)),
      track("vide", [base, base + 8 + length + 6], [4, 4, 4, 4], ...(more.trak ?? [])),
      track("meta", [base + 8, base + 8 + length + 6 + 8], [length, length]),
      ...(more.moov ?? []),
    ),
    ...(more.top ?? []),
  ]);
}

const stripped = async (bytes: Buffer) => joinPieces(bytes, (await stripMovie(bytesSource(bytes))).pieces);

test("leaves of a film its pictures where they are, and no place anywhere", async () => {
  const original = film({
    moov: [box("udta", box("\xa9xyz", place)), box("meta", place)],
    trak: [box("udta", place)],
    top: [box("uuid", place), box("free", place)],
  });
  const given = await stripped(original);
  assert.equal(given.length, original.length);
  for (const picture of ["pic1pic2", "pic3pic4"])
    assert.equal(given.indexOf(picture), original.indexOf(picture));
  assert.ok(!given.includes(place) && !given.includes("hidden"));
  assert.ok(!given.includes("udta") && !given.includes("uuid") && !given.includes("meta"));
  assert.deepEqual(await stripped(given), given);
});

test("drops subtitles, in which drones write where they are", async () => {
  const ftyp = box("ftyp", "isom", uints(0));
  const mdat = box("mdat", "pic1", place);
  const original = Buffer.concat([
    ftyp,
    mdat,
    box("moov", track("vide", [ftyp.length + 8], [4]), track("text", [ftyp.length + 12], [place.length])),
  ]);
  assert.ok(!(await stripped(original)).includes(place));
});

test("refuses what it does not look into", async () => {
  for (const type of ["moof", "cmov", "rmra", "mvex"]) {
    const bytes = film(type === "moof" ? { top: [box(type)] } : { moov: [box(type)] });
    await assert.rejects(stripped(bytes), UnstrippableError, type);
  }
});

test("ends in a refusal or in a film of the same size, whatever is cut or flipped", async () => {
  const original = film();
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
    { numRuns: 2000 },
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { photo } from "../made-images.test-data.ts";
import { unpack as unpackAll } from "./pdf-filters.ts";

const unpack = (...given: Parameters<typeof unpackAll>) => unpackAll(...given)?.bytes;
const enough = 1024 * 1024;
const by = (name: string, parameters = {}) => [{ name, parameters }];

test("undoes the examples of the specification and of other programs", () => {
  const lzw = Buffer.from("800b6050220c0c8501", "hex");
  assert.deepEqual(
    unpack(lzw, by("LZWDecode"), enough),
    Buffer.from([45, 45, 45, 45, 45, 65, 45, 45, 45, 66]),
  );
  const text = "Man is distinguished, not only by his reason";
  // Python's base64.a85encode.
  const ascii = "9jqo^BlbD-BleB1DJ+*+\nF(f,q/0JhKF<GL>Cj@.4Gp$d7F!,L7@<6@)~>";
  assert.equal(unpack(Buffer.from(ascii), by("ASCII85Decode"), enough)?.toString(), text);
  assert.deepEqual(unpack(Buffer.from("z~>"), by("A85"), enough), Buffer.alloc(4));
  assert.equal(unpack(Buffer.from("4d 61\n6E7>junk"), by("AHx"), enough)?.toString(), "Manp");
  assert.equal(unpack(Buffer.from([2, 65, 66, 67, 254, 68, 128, 1]), by("RL"), enough)?.toString(), "ABCDDD");
});

/** Codes of nine to twelve bits, and the table anew when it is full (ISO 32000-2 section 7.4.4.2). */
function lzw(data: Buffer, early: number): Buffer {
  let bits = "";
  let table = new Map<string, number>();
  let [next, width] = [258, 9];
  const put = (code: number) => {
    bits += code.toString(2).padStart(width, "0");
  };
  const codeOf = (text: string) => (text.length === 1 ? text.charCodeAt(0) : (table.get(text) ?? -1));
  put(256);
  let held = "";
  for (const letter of data.toString("latin1")) {
    if (held === "" || table.has(held + letter)) {
      held += letter;
      continue;
    }
    put(codeOf(held));
    table.set(held + letter, next);
    next += 1;
    if (next + early > 1 << width) width += 1;
    if (next === 4094) {
      put(256);
      [table, next, width] = [new Map(), 258, 9];
    }
    held = letter;
  }
  if (held !== "") put(codeOf(held));
  // The reader has one entry more by now.
  if (next + 1 + early > 1 << width && width < 12) width += 1;
  put(257);
  const bytes = bits.match(/.{1,8}/g) ?? [];
  return Buffer.from(bytes.map((each) => Number.parseInt(each.padEnd(8, "0"), 2)));
}

test("undoes LZW of any bytes, however long", () => {
  const fewLetters = fc
    .array(fc.constantFrom(0, 1, 255), { maxLength: 4000 })
    .map((each) => Buffer.from(each));
  const any = fc.uint8Array({ maxLength: 9000, size: "max" }).map((each) => Buffer.from(each));
  fc.assert(
    fc.property(fc.oneof(fewLetters, any), fc.constantFrom(0, 1), (data, early) => {
      const parameters = early === 1 ? {} : { EarlyChange: 0 };
      assert.deepEqual(unpack(lzw(data, early), by("LZW", parameters), enough), data);
    }),
    { numRuns: 60 },
  );
});

test("undoes predictors as PNG has them", async () => {
  const image = photo(53, 41);
  const png = await image.clone().png({ adaptiveFiltering: true, palette: false }).toBuffer();
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const parameters = { Predictor: 15, Columns: 53, Colors: 3 };
  const raw = await image.clone().raw().toBuffer();
  assert.deepEqual(unpack(Buffer.concat(parts), by("FlateDecode", parameters), enough), raw);
});

test("undoes the predictor of TIFF, of samples of a byte", () => {
  const packed = deflateSync(Buffer.from([1, 2, 3, 1, 1, 1, 250, 0, 9, 10, 1, 0]));
  const parameters = { Predictor: 2, Columns: 2, Colors: 3 };
  assert.deepEqual(
    unpack(packed, by("Fl", parameters), enough),
    Buffer.from([1, 2, 3, 2, 3, 4, 250, 0, 9, 4, 1, 9]),
  );
});

test("undoes one after the other", () => {
  const hex = Buffer.from(`${deflateSync("a text").toString("hex")}>`);
  assert.equal(unpack(hex, [...by("ASCIIHexDecode"), ...by("FlateDecode")], enough)?.toString(), "a text");
});

test("tells where deflated data end", () => {
  const [packed, tail] = [deflateSync("a text"), Buffer.from("what follows")];
  assert.equal(unpackAll(Buffer.concat([packed, tail]), by("Fl"), enough)?.packedBytes, packed.length);
  assert.equal(unpackAll(tail, [], enough)?.packedBytes, tail.length);
  const hex = Buffer.from(packed.toString("hex"));
  assert.equal(unpackAll(hex, [...by("AHx"), ...by("Fl")], enough)?.packedBytes, hex.length);
});

test("undoes nothing that it does not know, that is damaged, or that becomes too large", () => {
  const zeros = deflateSync(Buffer.alloc(1000));
  assert.equal(unpack(zeros, by("FlateDecode"), 1000)?.length, 1000);
  for (const [data, name, parameters] of [
    [zeros, "FlateDecode", {}],
    [Buffer.from("zzzzzzzzzzzzz".repeat(20)), "ASCII85Decode", {}],
    [Buffer.from(Array.from({ length: 100 }, () => 129)), "RunLengthDecode", {}],
    [Buffer.alloc(1000), "", {}],
  ] as const)
    assert.equal(unpack(data, name ? by(name, parameters) : [], 999), undefined, name);
  for (const [data, name, parameters] of [
    [Buffer.from("no data"), "FlateDecode", {}],
    [zeros, "FlateDecode", { Predictor: 7 }],
    [zeros, "FlateDecode", { Predictor: 12, Columns: -1 }],
    [zeros, "FlateDecode", { Predictor: 2, BitsPerComponent: 4 }],
    [Buffer.from("~vw"), "Crypt", {}],
    [Buffer.from("\x7f"), "ASCII85Decode", {}],
    [Buffer.from([0xff, 0xff]), "LZWDecode", {}],
  ] as const)
    assert.equal(unpack(data, by(name, parameters), enough), undefined, name);
  assert.equal(unpack(zeros, [{ name: "FlateDecode", parameters: undefined }], enough), undefined);
});

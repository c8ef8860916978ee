import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { headerBytesOf, type NalCodec, rewriteMessages } from "./sei-messages.ts";

const place = "52.5200N 13.4050E";

/** Puts a 3 between two zeros and what would look like the beginning of a unit (H.264 section 7.4.1). */
function stuffed(bytes: Uint8Array): Buffer {
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte <= 3 && out.at(-1) === 0 && out.at(-2) === 0) out.push(3);
    out.push(byte);
  }
  return Buffer.from(out);
}
const unstuffed = (bytes: Buffer): Buffer =>
  Buffer.from([...bytes].filter((byte, at) => !(byte === 3 && bytes[at - 1] === 0 && bytes[at - 2] === 0)));

const sizes = (value: number): Buffer =>
  Buffer.from([...Array<number>(Math.floor(value / 255)).fill(255), value % 255]);
const message = (type: number, payload: Uint8Array): Buffer =>
  Buffer.concat([sizes(type), sizes(payload.length), payload]);
const unit = (codec: NalCodec, ...messages: readonly Uint8Array[]): Buffer =>
  Buffer.concat([
    Buffer.from(codec === "avc" ? [0x06] : [0x4e, 0x01]),
    stuffed(Buffer.concat([...messages, Buffer.of(0x80)])),
  ]);

/** What a decoder reads of a unit. */
function messagesOf(bytes: Buffer, codec: NalCodec): { readonly type: number; readonly payload: Buffer }[] {
  const content = unstuffed(bytes.subarray(headerBytesOf(codec)));
  const found: { type: number; payload: Buffer }[] = [];
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (; content[at] === 255; at += 1) value += 255;
    value += content[at] ?? 0;
    at += 1;
    return value;
  };
  while (at < content.length - 1) {
    const type = number();
    const size = number();
    found.push({ type, payload: content.subarray(at, at + size) });
    at += size;
  }
  assert.equal(content[at], 0x80, "it ends as a list does");
  assert.equal(at, content.length - 1);
  return found;
}

/** The unit that is given out. */
function given(bytes: Buffer, codec: NalCodec): Buffer {
  const rewritten = rewriteMessages(bytes, codec);
  if (rewritten === undefined) return bytes;
  assert.ok(rewritten !== "unit");
  const { head, fillBytes, fill, end } = rewritten;
  return Buffer.concat([head, Buffer.alloc(fillBytes, fill), Buffer.of(end)]);
}

test("what encoders and cameras write beside a picture becomes filler, and the rest stays", () => {
  for (const codec of ["avc", "hevc"] as const) {
    const timing = message(1, Buffer.from([0, 0, 1, 2]));
    const recovery = message(6, Buffer.from([0x84]));
    const original = unit(
      codec,
      timing,
      message(5, Buffer.from(`0123456789abcdefMDPM${place}`)),
      message(4, Buffer.concat([Buffer.from([0xb5, 0, 0x31]), Buffer.from(`GA94 ${place}`)])),
      recovery,
      message(200, Buffer.from(place)),
    );
    const bytes = given(original, codec);
    assert.equal(bytes.length, original.length);
    assert.ok(original.includes(place) && !bytes.includes(place));
    const left = messagesOf(bytes, codec).filter(({ type }) => type !== 3);
    assert.deepEqual(
      left.map(({ type, payload }) => [type, payload.toString("hex")]),
      [
        [1, "00000102"],
        [6, "84"],
      ],
    );
    assert.equal(rewriteMessages(bytes, codec), undefined, "nothing is left to do");
  }
});

test("a unit with nothing but numbers for a player is left as it is", () => {
  const bytes = unit("hevc", message(137, Buffer.alloc(24)), message(144, Buffer.from([3, 232, 1, 144])));
  assert.equal(rewriteMessages(bytes, "hevc"), undefined);
});

test("messages of numbers have as many bytes as those, and are their codec's own", () => {
  const kept = (codec: NalCodec, type: number, sizeBytes: number): boolean => {
    // What stands beside it goes, so that there is room.
    const bytes = given(
      unit(codec, message(5, Buffer.alloc(20, 7)), message(type, Buffer.alloc(sizeBytes, 9))),
      codec,
    );
    return messagesOf(bytes, codec).some((each) => each.type === type);
  };
  assert.deepEqual([kept("avc", 144, 4), kept("hevc", 144, 4)], [true, true]);
  assert.deepEqual([kept("avc", 144, 29), kept("avc", 137, 23), kept("hevc", 1, 65)], [false, false, false]);
  assert.deepEqual(
    [kept("avc", 132, 17), kept("hevc", 132, 17)],
    [false, true],
    "a hash is of HEVC's pictures",
  );
  for (const codec of ["avc", "hevc"] as const)
    for (const type of [19, 23, 128, 155, 201]) assert.equal(kept(codec, type, 9), false, `${codec} ${type}`);
});

test("a unit that can't be read is filler altogether; one with room for none must be another", () => {
  const cut = unit(
    "avc",
    Buffer.concat([message(1, Buffer.from([1])), Buffer.from([1, 200]), Buffer.from(place)]),
  );
  const bytes = given(cut, "avc");
  assert.deepEqual([bytes.length, bytes.includes(place)], [cut.length, false]);
  assert.ok(messagesOf(bytes, "avc").every(({ type }) => type === 3));
  assert.equal(rewriteMessages(Buffer.from([6, 5]), "avc"), "unit");
  // What is kept needs a byte in between where it did not before, and all that goes has two.
  const full = unit("avc", message(4, Buffer.alloc(0)), message(1, Buffer.alloc(4)));
  assert.ok(messagesOf(given(full, "avc"), "avc").every(({ type }) => type === 3));
});

test("whatever the messages, a unit keeps its size, its kept messages and its form", () => {
  // Zeros and small numbers, so that bytes are in between, and sizes that need another byte to be said.
  const payload = fc.oneof(
    fc.uint8Array({ minLength: 2, maxLength: 20, max: 3 }),
    fc.uint8Array({ minLength: 2, maxLength: 600 }),
    fc.integer({ min: 230, max: 530 }).map((length) => new Uint8Array(length)),
  );
  const mostBytes = new Map([
    [1, 64],
    [6, 9],
    [45, 18],
  ]);
  fc.assert(
    fc.property(
      fc.constantFrom<NalCodec>("avc", "hevc"),
      fc.array(fc.tuple(fc.constantFrom(1, 4, 5, 6, 45, 300), payload), { minLength: 1, maxLength: 5 }),
      (codec, messages) => {
        const original = unit(codec, ...messages.map(([type, bytes]) => message(type, bytes)));
        const bytes = given(original, codec);
        assert.equal(bytes.length, original.length);
        const isKept = (type: number, { length }: Uint8Array) => length <= (mostBytes.get(type) ?? 0);
        assert.deepEqual(
          messagesOf(bytes, codec)
            .filter(({ type }) => type !== 3)
            .map(({ type, payload: kept }) => [type, kept.toString("hex")]),
          messages
            .filter(([type, bytes]) => isKept(type, bytes))
            .map(([type, kept]) => [type, Buffer.from(kept).toString("hex")]),
        );
        // Nothing in it looks like the beginning of another unit.
        for (const code of ["000000", "000001", "000002"])
          assert.equal(
            bytes
              .toString("hex")
              .match(/../g)
              ?.join(" ")
              .includes(code.match(/../g)?.join(" ") ?? ""),
            false,
          );
      },
    ),
    { numRuns: 2000 },
  );
});

test("whatever the bytes, reading them ends", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const rewritten = rewriteMessages(Buffer.concat([Buffer.of(6), bytes]), "avc");
      if (rewritten === undefined || rewritten === "unit") return;
      assert.equal(rewritten.head.length + rewritten.fillBytes + 1, bytes.length + 1);
    }),
    { numRuns: 2000 },
  );
});

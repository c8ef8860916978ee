import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countingSource } from "./counting-source.test-data.ts";
import { bytesSource } from "./iso-boxes.ts";
import { joinPieces, UnstrippableError } from "./pieces.ts";
import { stripWebm } from "./strip-webm.ts";

const place = "Place +52.5+013.4/";

const idOf = (id: number): Buffer => {
  const hex = id.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
};
const element = (id: number, ...content: readonly (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(content.map((each) => (typeof each === "string" ? Buffer.from(each) : each)));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(0x10000000 | body.length);
  return Buffer.concat([idOf(id), size, body]);
};
const byte = (value: number) => Buffer.from([value]);

const header = element(0x1a45dfa3, element(0x4282, "webm"));
const codecs: ReadonlyMap<number, string> = new Map([
  [1, "V_VP9"],
  [2, "A_OPUS"],
  [17, "S_TEXT/UTF8"],
]);
const trackOf = (type: number, codec: string, ...more: Buffer[]) =>
  element(0xae, element(0xd7, byte(type)), element(0x83, byte(type)), element(0x86, codec), ...more);
const track = (type: number, ...more: Buffer[]) => trackOf(type, codecs.get(type) ?? "", ...more);
/** Of track 1, at time 0. */
const frame = (content: Buffer | string): Buffer =>
  Buffer.concat([
    Buffer.from([0x81, 0, 0, 0x80]),
    typeof content === "string" ? Buffer.from(content) : content,
  ]);
const block = element(0xa3, frame("pictures"));
const clusterOf = (...content: readonly Buffer[]) => element(0x1f43b675, element(0xe7, byte(0)), ...content);

function film(
  options: {
    readonly tracks?: Buffer[];
    readonly more?: Buffer[];
    readonly live?: boolean;
    readonly blocks?: Buffer[];
  } = {},
) {
  const inside = [
    element(0x1549a966, element(0x2ad7b1, byte(1)), element(0x7ba9, place), element(0x4d80, `by ${place}`)),
    element(0x1654ae6b, ...(options.tracks ?? [track(1, element(0x536e, place)), track(2)])),
    options.live
      ? Buffer.concat([Buffer.from("1f43b675ff", "hex"), element(0xe7, byte(0)), block])
      : clusterOf(...(options.blocks ?? [block])),
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
    assert.deepEqual(await stripped(given), given);
  }
});

test("gives out what says nothing beside as it is", async () => {
  const plain = Buffer.concat([header, element(0x18538067, element(0x1654ae6b, track(1)), clusterOf(block))]);
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

test("nothing is left at any depth of what showing it does not need", async () => {
  const words = [
    element(0xec, place),
    element(0xbf, place.slice(0, 4)),
    element(0x4cdd, place),
    element(0x8e, place),
  ];
  const original = Buffer.concat([
    element(0x1a45dfa3, element(0x4282, "webm"), ...words),
    element(
      0x18538067,
      element(0x114d9b74, element(0x4dbb, element(0x53ab, byte(1)), ...words), ...words),
      element(0x1549a966, element(0x5741, place), ...words),
      element(
        0x1654ae6b,
        track(
          1,
          element(0x258688, place),
          element(0x22b59d, place.repeat(3)),
          element(0x63a2, place.repeat(3)),
          element(
            0xe0,
            element(0xb0, byte(64)),
            element(0x55b0, ...words),
            element(0x7670, element(0x7672, place.repeat(2))),
            ...words,
          ),
          ...words,
        ),
        track(2, element(0xe1, ...words)),
        ...words,
      ),
      clusterOf(
        block,
        ...words,
        element(
          0xa0,
          element(0xa1, frame("more pictures")),
          element(0x9b, byte(1)),
          element(0x75a1, element(0xa6, element(0xee, byte(4)), element(0xa5, place))),
          element(0xa4, place),
          ...words,
        ),
      ),
      element(
        0x1c53bb6b,
        element(0xbb, element(0xb3, byte(0)), element(0xb7, element(0xf7, byte(1)), ...words), ...words),
        ...words,
      ),
    ),
  ]);
  const given = await stripped(original);
  assert.equal(given.length, original.length);
  assert.ok(!given.includes("Plac"), given.toString("latin1"));
  for (const kept of ["more pictures", "V_VP9", "webm"])
    assert.equal(given.indexOf(kept), original.indexOf(kept), kept);
  assert.deepEqual(await stripped(given), given);
});

test("how much is seen through pictures stays where a track says so; what else is added goes", async () => {
  const more = (...parts: Buffer[]) => element(0xa6, ...parts);
  const blocks = [
    element(
      0xa0,
      element(0xa1, frame("pictures")),
      element(
        0x75a1,
        more(element(0xee, byte(1)), element(0xa5, "seen through")),
        more(element(0xa5, "and this")),
        more(element(0xee, byte(4)), element(0xa5, place)),
      ),
    ),
  ];
  const alpha = [track(1, element(0xe0, element(0x53c0, byte(1))))];
  const given = await stripped(film({ tracks: alpha, blocks }));
  assert.ok(given.includes("seen through") && given.includes("and this") && !given.includes(place));
  assert.ok(!(await stripped(film({ tracks: [track(1)], blocks }))).includes("seen through"));
});

test("comments of Vorbis become blanks", async () => {
  const vendor = `Encoder ${place}`;
  const sized = (words: string) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(words.length);
    return Buffer.concat([size, Buffer.from(words)]);
  };
  const comments = Buffer.concat([
    Buffer.from("\x03vorbis"),
    sized(vendor),
    Buffer.from([1, 0, 0, 0]),
    sized(`LOCATION=${place}`),
    byte(1),
  ]);
  const settings = Buffer.concat([
    Buffer.from([2, 30, comments.length]),
    Buffer.from("\x01vorbis"),
    Buffer.alloc(23, 7),
    comments,
    Buffer.from("\x05vorbis books"),
  ]);
  const sound = trackOf(2, "A_VORBIS", element(0x63a2, settings));
  const original = film({ tracks: [track(1), sound] });
  const given = await stripped(original);
  assert.ok(original.includes(place) && !given.includes(place));
  assert.equal(given.indexOf("\x05vorbis books"), original.indexOf("\x05vorbis books"));
  const at = given.indexOf("\x03vorbis") + 7;
  const vendorBytes = given.readUInt32LE(at);
  assert.equal(given.toString("latin1", at + 4, at + 4 + vendorBytes).trim(), "");
  assert.deepEqual([...given.subarray(at + 4 + vendorBytes, at + 9 + vendorBytes)], [0, 0, 0, 0, 1]);
  assert.equal(at + 9 + vendorBytes, given.indexOf("\x05vorbis books"));
  const broken = trackOf(2, "A_VORBIS", element(0x63a2, place));
  await assert.rejects(stripped(film({ tracks: [track(1), broken] })), UnstrippableError);
});

test("messages within pictures of AV1 become padding, in settings too", async () => {
  const metadata = Buffer.concat([
    Buffer.from([0x2a, place.length + 3, 4, 0xb5]),
    Buffer.from(place),
    byte(0x80),
  ]);
  const picture = Buffer.concat([Buffer.from([0x32, 8]), Buffer.from("pictures")]);
  const settings = element(0x63a2, Buffer.concat([Buffer.from([0x81, 0, 0, 0]), metadata]));
  const original = film({
    tracks: [trackOf(1, "V_AV1", settings)],
    blocks: [element(0xa3, frame(Buffer.concat([metadata, picture])))],
  });
  const given = await stripped(original);
  assert.ok(original.includes(place) && !given.includes(place));
  assert.equal(given.indexOf(picture), original.indexOf(picture));
});

test("films of codecs that nobody has looked into, packed, or encrypted, have no rendition", async () => {
  for (const tracks of [
    [trackOf(1, "V_MJPEG")],
    [trackOf(1, "V_MS/VFW/FOURCC")],
    [trackOf(1, "A_OPUS")],
    [trackOf(1, "V_MPEG4/ISO/AVC")],
    [track(1), trackOf(2, "A_AAC")],
    [track(1, element(0x6d80, element(0x6240)))],
    [track(2)],
  ])
    await assert.rejects(stripped(film({ tracks })), UnstrippableError);
  await assert.rejects(stripped(film({ blocks: [element(0xaf, place)] })), UnstrippableError);
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

test("films of more elements than a film has are refused in good time", async () => {
  const small = Buffer.from([0xe7, 0x80]);
  const many = element(0x1f43b675, Buffer.alloc(small.length * 600_000, small));
  const source = countingSource(film({ more: [many, many] }));
  await assert.rejects(stripWebm(source), UnstrippableError);
  assert.ok(source.reads < 1_150_000, `${source.reads}`);
});

test("settings of sound are as long as they say, and an element says a number once", async () => {
  const opusHead = (family: number) =>
    Buffer.concat([Buffer.from("OpusHead\x01\x02"), Buffer.alloc(8), byte(family)]);
  const channels = Buffer.from([1, 1, 0, 1]);
  const sound = (...settings: Buffer[]) =>
    film({ tracks: [track(1), trackOf(2, "A_OPUS", element(0x63a2, Buffer.concat(settings)))] });
  for (const settings of [[opusHead(0)], [opusHead(1), channels]]) {
    const given = await stripped(sound(...settings, Buffer.from(place)));
    assert.ok(!given.includes("Place") && given.includes(Buffer.concat(settings)));
    assert.deepEqual(await stripped(given), given);
  }
  await assert.rejects(stripped(sound(Buffer.from(place.repeat(2)))), UnstrippableError);

  const eights = [...(place + place).matchAll(/.{8}/g)].map(([part]) => element(0x56bb, part));
  const cue = element(0xbb, element(0xb3, byte(1)), element(0xb7, element(0xf7, byte(1))));
  const given = await stripped(
    film({
      tracks: [track(1, element(0x56bb, byte(9)), ...eights)],
      blocks: [block, ...eights.map((part) => element(0xe7, part.subarray(-8)))],
      more: [element(0x1549a966, ...eights), element(0x1c53bb6b, cue, cue)],
    }),
  );
  assert.ok(!given.includes("+52.5") && !given.includes("Place"));
  assert.equal(given.indexOf(cue) + cue.length, given.lastIndexOf(cue), "cues may be many");
});

test("films with tracks that are off, and of kinds that are none, have no rendition", async () => {
  await stripped(film({ tracks: [track(1, element(0xb9, byte(1)))] }));
  await assert.rejects(
    stripped(film({ tracks: [track(1), track(2, element(0xb9, byte(0)))] })),
    UnstrippableError,
  );
  const other = film();
  other.write("home", other.indexOf("webm"), "latin1");
  await assert.rejects(stripped(other), UnstrippableError);
});

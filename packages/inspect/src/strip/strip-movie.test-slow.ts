import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countingSource } from "./counting-source.test-data.ts";
import { bytesSource } from "./iso-boxes.ts";
import {
  avcSettings,
  filmOf,
  type MadeTrack,
  pictures,
  sound,
  text,
  uints,
  withLength,
} from "./made-tracks.test-data.ts";
import { joinPieces, UnstrippableError } from "./pieces.ts";
import { isShown } from "./shown-tracks.ts";
import { stripMovie } from "./strip-movie.ts";

const place = "+52.5+013.4/";

const box = (type: string, ...content: readonly (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(content.map((each) => (typeof each === "string" ? Buffer.from(each) : each)));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
};

/** VP9, in which nothing is looked for; of what else there is nobody knows. */
const kindOf = (handler: string): Buffer =>
  handler === "vide" ? pictures("vp09", "") : box("mett", uints(0, 0));

const track = (handler: string, chunks: readonly number[], sizes: readonly number[], ...more: Buffer[]) =>
  box(
    "trak",
    box("tkhd", Buffer.alloc(84)),
    box(
      "mdia",
      box("mdhd", uints(0)),
      box("hdlr", uints(0, 0), handler, uints(0, 0, 0)),
      box(
        "minf",
        box("vmhd", uints(0)),
        box(
          "stbl",
          box("stsd", uints(0, 1), kindOf(handler)),
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

const secret = "of Cityofsomebody SN-4711";
const avcPicture = withLength(Buffer.concat([Buffer.of(0x65), text("a picture")]));
const messages = (...bytes: readonly Buffer[]): Buffer =>
  withLength(Buffer.concat([Buffer.of(6), ...bytes, Buffer.of(0x80)]));
const unregistered = (words: string): Buffer => Buffer.concat([Buffer.of(5, words.length), text(words)]);

test("messages within pictures of H.264 and in their settings become filler", async () => {
  const own = withLength(Buffer.concat([Buffer.of(24), text(secret)]));
  const extensions = Buffer.concat([Buffer.of(0xfd, 0xf8, 0xf8, 0), text(secret)]);
  const settings = avcSettings(extensions);
  for (const type of ["avc1", "avc3"]) {
    const original = filmOf({
      description: pictures(type, "", settings),
      samples: [
        Buffer.concat([messages(unregistered(`0123456789abcdefMDPM ${secret}`)), avcPicture]),
        Buffer.concat([own, avcPicture, messages(Buffer.of(1, 2, 7, 7))]),
      ],
    });
    const given = await stripped(original);
    assert.equal(given.length, original.length);
    assert.ok(original.includes(secret) && !given.includes(secret), type);
    assert.equal(given.indexOf(avcPicture), original.indexOf(avcPicture));
    assert.equal(given.lastIndexOf(avcPicture), original.lastIndexOf(avcPicture));
    assert.ok(given.includes(Buffer.from([6, 1, 2, 7, 7, 0x80])), "when a picture is shown stays");
    assert.deepEqual(await stripped(given), given);
  }
});

test("messages within pictures of HEVC and in their settings become filler", async () => {
  const sei = Buffer.concat([Buffer.of(0x4e, 1), unregistered(`x265 ${secret}`), Buffer.of(0x80)]);
  const head = Buffer.alloc(23);
  [head[0], head[21], head[22]] = [1, 3, 1];
  const settings = box("hvcC", head, Buffer.of(39, 0, 1, 0, sei.length), sei, text(secret));
  const picture = withLength(Buffer.concat([Buffer.of(0x26, 1), text("a picture")]));
  const original = filmOf({
    description: pictures("hvc1", "", settings),
    samples: [
      Buffer.concat([withLength(sei), picture]),
      Buffer.concat([picture, withLength(Buffer.concat([Buffer.of(0x60, 1), text(secret)]))]),
    ],
  });
  const given = await stripped(original);
  assert.ok(original.includes(secret) && !given.includes(secret));
  assert.equal(given.lastIndexOf(picture), original.lastIndexOf(picture));
  assert.deepEqual(await stripped(given), given);
});

test("what pictures of H.264 are made of can't be told: no rendition", async () => {
  const description = pictures("avc1", "", avcSettings());
  for (const samples of [[avcPicture.subarray(0, -1)], [Buffer.concat([avcPicture, Buffer.of(1)])]])
    await assert.rejects(stripped(filmOf({ description, samples })), UnstrippableError);
  await assert.rejects(
    stripped(filmOf({ description: pictures("avc1", ""), samples: [avcPicture] })),
    UnstrippableError,
  );
});

test("films of kinds that nobody has looked into, or that are encrypted, have no rendition", async () => {
  const film = (track: Partial<MadeTrack>) =>
    stripped(filmOf({ description: pictures("vp09", ""), samples: [text("pic1")], ...track }));
  await film({});
  for (const type of ["jpeg", "mjpa", "mp4v", "mp2v", "encv", "dvc ", "????"])
    await assert.rejects(film({ description: pictures(type, "") }), UnstrippableError, type);
  for (const type of ["enca", "apac", "????"])
    await assert.rejects(film({ handler: "soun", description: sound(type) }), UnstrippableError, type);
  // Vorbis in MP4: its settings hold comments.
  const vorbis = Buffer.from([3, 16, 0, 0, 0, 4, 13, 0xdd, ...Array<number>(12).fill(0)]);
  await assert.rejects(
    film({ handler: "soun", description: sound("mp4a", box("esds", uints(0), vorbis)) }),
    UnstrippableError,
  );
  const aac = Buffer.from([3, 20, 0, 0, 0, 4, 15, 0x40, ...Array<number>(12).fill(0), 5, 0]);
  await film({ handler: "soun", description: sound("mp4a", box("esds", uints(0), aac)) });
  // A time code is four bytes, and a moment of this sound is.
  await assert.rejects(
    film({ handler: "tmcd", description: box("tmcd", Buffer.alloc(28)), samples: [text(secret)] }),
    UnstrippableError,
  );
  const plain = { handler: "soun", description: sound("sowt"), samples: [text("four")] };
  await film({ ...plain, sampleBytes: 4 });
  await assert.rejects(film({ ...plain, sampleBytes: 2 }), UnstrippableError);
});

test("sound of which a table counts moments, as if each were a byte, is kept whole", async () => {
  const track = { handler: "soun", description: sound("sowt"), samples: [text("four")] };
  const given = await stripped(filmOf({ ...track, sampleBytes: 1 }));
  assert.ok(given.includes("four"));
});

test("boxes that nobody asked for are free at every depth, and names are blank", async () => {
  const more = [box("udta", text(secret)), box("uuid", text(secret)), box("name", text(secret))];
  const original = filmOf(
    {
      description: pictures(
        "vp09",
        "by SN-4711",
        box("vpcC", Buffer.alloc(12), text(secret)),
        box("colr", text(`what${secret}`)),
        ...more,
      ),
      samples: [text("pic1")],
      name: secret,
      more,
      mediaHeader: [
        box(
          "gmhd",
          box("gmin", Buffer.alloc(16)),
          box("tmcd", box("tcmi", Buffer.alloc(24), text(secret)), ...more),
          ...more,
        ),
        box("hdlr", uints(0, 0), text("alis"), uints(0, 0, 0), text(secret)),
        box("vmhd", uints(1, 0, 0), text(secret)),
      ],
      dref: box("dref", uints(0, 1), box("alis", uints(1), text(secret))),
    },
    [
      box("uuid", text(secret)),
      box("meta", text(secret)),
      box("wide", text(secret)),
      box("skip", text(secret)),
    ],
  );
  const given = await stripped(original);
  assert.equal(given.length, original.length);
  assert.ok(!given.includes("SN-4711") && !given.includes("City"), given.toString("latin1"));
  assert.equal(given.indexOf("pic1"), original.indexOf("pic1"));
  assert.deepEqual(await stripped(given), given);
  for (const kept of ["vpcC", "gmin", "tcmi", "elst", "clef", "dref"]) assert.ok(given.includes(kept), kept);
});

test("names of sound, reels and padding of FLAC are blank", async () => {
  const flac = (...blocks: readonly Buffer[]) => box("dfLa", uints(0), ...blocks);
  const information = Buffer.concat([Buffer.of(0, 0, 0, 34), Buffer.alloc(34)]);
  const words = text(`words ${secret}`);
  const comment = Buffer.concat([Buffer.of(0x84, 0, 0, words.length), words]);
  for (const track of [
    { handler: "soun", description: sound("fLaC", flac(information, comment), box("name", words)) },
    { handler: "tmcd", description: box("tmcd", Buffer.alloc(28), box("name", words)), sampleBytes: 4 },
  ]) {
    const original = filmOf({ ...track, samples: [text("four")] });
    const given = await stripped(original);
    assert.ok(!given.includes("SN-4711"), track.handler);
    assert.deepEqual(await stripped(given), given);
  }
});

test("samples that lie in another box than media are an error: it would be written over", async () => {
  const original = filmOf({ description: pictures("vp09", ""), samples: [text("pic1")] });
  const at = original.indexOf("stco");
  original.writeUInt32BE(4, at + 12);
  await assert.rejects(stripped(original), UnstrippableError);
});

test("ends in a refusal or in a film of the same size, whatever is cut or flipped", async () => {
  const messageAndPicture = Buffer.concat([messages(unregistered("0123456789abcdef")), avcPicture]);
  const films = [
    film(),
    filmOf({ description: pictures("avc1", "", avcSettings()), samples: [messageAndPicture, avcPicture] }),
  ];
  const longest = Math.max(...films.map(({ length }) => length));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...films),
      fc.array(fc.record({ at: fc.nat(longest - 1), value: fc.nat(255) }), { maxLength: 5 }),
      fc.nat(longest),
      async (original, changes, end) => {
        const bytes = Buffer.from(original.subarray(0, changes.length === 0 ? end : original.length));
        for (const { at, value } of changes) bytes[at % bytes.length] = value;
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

test("a film of which more than a second was trimmed off and is still there has no rendition", async () => {
  const samples = Array.from({ length: 60 }, (_, index) => text(`pic${index}`));
  const given = (more: Partial<MadeTrack>) =>
    stripped(filmOf({ description: pictures("vp09", ""), samples, ...more }));
  const shown: readonly Partial<MadeTrack>[] = [
    {},
    { edits: [] },
    // A length that its writer did not know, a pause before it, and parts in another order.
    { edits: [[0, 0]] },
    {
      edits: [
        [0xffff_ffff, 20],
        [0, 60],
      ],
    },
    {
      edits: [
        [30, 30],
        [0, 30],
      ],
    },
    // A second, and what is shown later than it is decoded.
    { edits: [[10, 50]] },
    { edits: [[0, 49]] },
    { edits: [[20, 60]], delays: samples.map(() => 20) },
  ];
  for (const each of shown) assert.ok((await given(each)).includes("pic59"), JSON.stringify(each));
  const hidden: readonly Partial<MadeTrack>[] = [
    { edits: [[12, 48]] },
    { edits: [[0, 47]] },
    {
      edits: [
        [0, 20],
        [32, 28],
      ],
    },
    { edits: [[20, 60]] },
    { edits: [[0, 60]], delays: samples.map(() => 20) },
    { edits: [[0xffff_ffff, 60]] },
  ];
  for (const each of hidden) await assert.rejects(given(each), UnstrippableError, JSON.stringify(each));
});

test("what a film has of tracks that are off goes, as it does of other kinds", async () => {
  const tracks = (...on: readonly [isOn: boolean, group: number][]) => {
    const ftyp = box("ftyp", "isom", uints(0));
    const made = on.map(([isOn, group], index) => {
      const bytes = track("vide", [ftyp.length + 8 + index * 4], [4]);
      const at = bytes.indexOf("tkhd") + 4;
      bytes.writeUInt32BE(isOn ? 1 : 0, at);
      bytes.writeUInt16BE(group, at + 34);
      return bytes;
    });
    return stripped(Buffer.concat([ftyp, box("mdat", "pic1pic2"), box("moov", ...made)]));
  };
  const has = async (...on: readonly [isOn: boolean, group: number][]) => {
    const given = await tracks(...on);
    return [given.includes("pic1"), given.includes("pic2")];
  };
  assert.deepEqual(await has([true, 0], [false, 0]), [true, false]);
  assert.deepEqual(await has([true, 1], [false, 2]), [true, false]);
  assert.deepEqual(await has([false, 0], [false, 0]), [true, true], "it is said of none");
  assert.deepEqual(await has([true, 1], [false, 1]), [true, true], "a viewer chooses");
  const off = { handler: "vide", isOn: false, group: 0 };
  const sound = { handler: "soun", isOn: true, group: 1 };
  assert.throws(() => isShown(off, [off, sound]), UnstrippableError, "some players show it");
});

test("films of more parts than a film has are refused in good time, and before they take all memory", async () => {
  const readsOf = async (unit: Buffer, count: number): Promise<number> => {
    const sample = Buffer.alloc(unit.length * count, unit);
    const bytes = filmOf({ description: pictures("avc1", "", avcSettings()), samples: [sample] });
    const source = countingSource(bytes);
    await assert.rejects(stripMovie(source), UnstrippableError);
    return source.reads;
  };
  // Of an unknown kind, which are overwritten; and kept ones.
  assert.ok((await readsOf(Buffer.from([0, 0, 0, 1, 0x18]), 600_000)) < 600_000);
  assert.ok((await readsOf(Buffer.from([0, 0, 0, 1, 0x01]), 1_200_000)) < 1_150_000);
});

test("a panorama keeps what it is projected on, without who made it and without a mesh", async () => {
  const proj = box(
    "proj",
    box("prhd", uints(0, 1, 2, 3), text(secret)),
    box("equi", uints(0, 4, 5, 6, 7), text(secret)),
    box("mshp", text(secret)),
  );
  const panorama = box("sv3d", box("svhd", uints(0), text(`${secret}\0`)), proj);
  const description = pictures("vp09", "", box("st3d", uints(0), Buffer.of(1)), panorama);
  const given = await stripped(filmOf({ description, samples: [text("pic1")] }));
  assert.ok(!given.includes(secret));
  for (const kept of ["st3d", "sv3d", "svhd", "proj", "prhd", "equi"]) assert.ok(given.includes(kept), kept);
  assert.ok(given.includes(uints(1, 2, 3)) && given.includes(uints(4, 5, 6, 7)));
});

test("tables and kinds of files hold no more than they can say", async () => {
  const samples = Array.from({ length: 40 }, (_, index) => text(`pic${index}`));
  const of = (...more: readonly Buffer[]) =>
    filmOf({ description: pictures("vp09", ""), samples, table: more });
  const words = text(`${secret}\0\0\0`);
  for (const table of [
    box("sdtp", uints(0), Buffer.alloc(40, 0x10), words),
    box("stps", uints(0, words.length / 4), words),
    box("stsh", uints(0, words.length / 8), words),
    box("stps", uints(0, 50), uints(...Array<number>(50).fill(1))),
  ]) {
    const given = await stripped(of(table));
    assert.ok(!given.includes(secret));
    assert.deepEqual(await stripped(given), given);
  }
  const plain = of(
    box("stss", uints(0, 2, 1, 30)),
    box("stps", uints(0, 1, 7)),
    box("sdtp", uints(0), Buffer.alloc(40, 0x10)),
  );
  const kept = await stripped(plain);
  for (const type of ["stss", "stps", "sdtp"]) assert.ok(kept.includes(type), type);
  await assert.rejects(stripped(of(box("stss", uints(0, words.length / 4), words))), UnstrippableError);

  const second = await stripped(Buffer.concat([plain, box("ftyp", text("isom"), uints(0), words)]));
  assert.ok(!second.includes(secret));
  const long = box("ftyp", text("isom"), uints(0), text("isommp42qt  52.5\xa9xyz"), text("City".repeat(14)));
  const rest = plain.subarray(plain.readUInt32BE(0));
  const from = rest.length;
  const moved = Buffer.concat([rest, long]);
  moved.writeUInt32BE(8, moved.indexOf("stco") + 12);
  const brands = (await stripped(moved)).subarray(from);
  assert.ok(brands.includes("isommp42qt  ") && !brands.includes("52.5") && !brands.includes("xyz"));
  assert.equal(brands.toString("latin1").split("City").length - 1, 11);
});

test("colours are colours, and there is one of everything that a box holds", async () => {
  for (const colr of [
    box("colr", text(`prof${secret.repeat(8)}`)),
    box("colr", text("nclx"), Buffer.of(0, 1, 0, 1, 0, 1, 0), text(secret)),
    Buffer.concat([box("pasp", uints(1, 1)), box("pasp", text(secret).subarray(0, 8))]),
  ]) {
    const given = await stripped(
      filmOf({ description: pictures("vp09", "", colr), samples: [text("pic1")] }),
    );
    assert.ok(!given.includes("of City"));
    assert.deepEqual(await stripped(given), given);
  }
});

test("units of other views and layers, and Dolby Vision's where none is told of, become filler", async () => {
  const units = (...types: readonly number[]) =>
    Buffer.concat(types.map((type) => withLength(Buffer.concat([Buffer.of(0x60 | type), text(secret)]))));
  const avc = filmOf({
    description: pictures("avc1", "", avcSettings()),
    samples: [Buffer.concat([units(14, 15, 19, 20), avcPicture])],
  });
  const given = await stripped(avc);
  assert.ok(!given.includes(secret) && given.includes(avcPicture));
  assert.deepEqual(await stripped(given), given);
  const head = Buffer.alloc(23);
  [head[0], head[21]] = [1, 3];
  const rpu = withLength(Buffer.concat([Buffer.of(62 << 1, 1), text("numbers for this picture")]));
  const hevc = (...boxes: readonly Buffer[]) =>
    stripped(filmOf({ description: pictures("hvc1", "", box("hvcC", head), ...boxes), samples: [rpu] }));
  assert.ok(!(await hevc()).includes("numbers"));
  assert.ok((await hevc(box("dvvC", Buffer.alloc(24)))).includes("numbers"));
});

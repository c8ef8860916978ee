// What others get of real files in which a place and a camera were written by another program: exiftool, of Debian's
// libimage-exiftool-perl, which also looks for them afterwards. The corpus has no HEIC and few films: heif-enc (libheif-examples)
// and ffmpeg make some.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { test } from "node:test";
import { canonicalContentType } from "../content-type.ts";
import { identifyContent } from "../identify-content.ts";
import { photo } from "../made-images.test-data.ts";
import { joinPieces } from "./pieces.ts";
import { planRendition } from "./plan-rendition.ts";

const corpus = process.env.STOWAGE_CORPUS ?? "";
const skip = corpus ? false : "STOWAGE_CORPUS is not set: its files are left out";

const serial = "SN-4711-0815";
const city = "Cityofsomebody";
const everything = [
  ...["-GPSLatitude=52.52", "-GPSLatitudeRef=N", "-GPSLongitude=13.405", "-GPSLongitudeRef=E"],
  ...["-XMP:GPSLatitude=52.52", "-XMP:GPSLongitude=13.405", `-XMP-photoshop:City=${city}`],
  ...[`-IPTC:City=${city}`, `-Comment=${city}`, `-EXIF:SerialNumber=${serial}`, "-EXIF:Make=Camera"],
  ...["-Keys:GPSCoordinates=52.52, 13.405", "-UserData:GPSCoordinates=52.52, 13.405"],
];
// -ee3: into every sample of films, and into the messages beside their pictures.
const tell = ["-j", "-a", "-G1", "-s", "-ee3", "-U", "-m", "-r"];

function exiftool(args: readonly string[]): string {
  const { stdout, error } = spawnSync("exiftool", args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (error) throw error;
  return stdout;
}

/** By file: the tags that tell of a place, a camera or its owner. */
function tellTales(folder: string): ReadonlyMap<string, readonly string[]> {
  const files = JSON.parse(exiftool([...tell, folder])) as Record<string, unknown>[];
  return new Map(
    files.map(({ SourceFile, ...tags }) => [
      String(SourceFile),
      Object.entries(tags)
        .filter(
          ([name, value]) =>
            /GPS|Location|:City|SerialNumber|:Make$|MakerNote/i.test(name) ||
            [city, serial].some((secret) => String(value).includes(secret)),
        )
        .map(([name]) => name),
    ]),
  );
}

/** Short films of pictures and sound, which tell of a place in their own ways. */
const newFilm = [
  ...["-v", "error", "-f", "lavfi", "-i", "testsrc=d=2:s=160x120:r=10", "-f", "lavfi", "-i", "sine=d=2"],
  ...["-metadata", "location=+52.52+013.40/", "-metadata", `title=${city}`],
];
/** Fast to encode, and with more messages than usual: their time, and what a user has to say. */
const x264 = ["-c:v", "libx264", "-x264-params", "pic-struct=1", "-bsf:v"];
const userData = `h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+${city}`;
const films: readonly (readonly [name: string, ...codecs: readonly string[]])[] = [
  ["film.mp4", ...x264, userData, "-c:a", "aac"],
  ["film-fast.mp4", "-c:v", "libx264", "-c:a", "aac", "-movflags", "+faststart+use_metadata_tags"],
  ["film-hevc.mp4", "-c:v", "libx265", "-x265-params", "log-level=none", "-c:a", "libmp3lame"],
  [
    "film-hdr.mov",
    "-c:v",
    "libx265",
    "-tag:v",
    "hvc1",
    "-x265-params",
    "log-level=none:hdr10=1:max-cll=1000,400",
  ],
  ["film-av1.mp4", "-c:v", "libaom-av1", "-cpu-used", "8", "-c:a", "flac", "-strict", "-2"],
  ["film-vp9.mp4", "-c:v", "libvpx-vp9", "-c:a", "libopus"],
  [
    "film.mov",
    "-c:v",
    "libx264",
    "-c:a",
    "aac",
    "-timecode",
    "01:00:00:00",
    "-metadata:s:v",
    `title=${city}`,
  ],
  ["film-prores.mov", "-c:v", "prores_ks", "-c:a", "pcm_s24le"],
  ["film-alac.mov", "-c:v", "libx264", "-c:a", "alac"],
  ["film.webm", "-c:v", "libvpx", "-c:a", "libvorbis"],
  ["film-vp9.webm", "-c:v", "libvpx-vp9", "-c:a", "libopus"],
  ["film-av1.webm", "-c:v", "libaom-av1", "-cpu-used", "8", "-c:a", "libopus"],
  ["film-alpha.webm", "-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-auto-alt-ref", "0", "-an"],
  // A second track of pictures is not on, and a second language is.
  [
    "film-two.mp4",
    ...["-c:v", "libx264", "-c:a", "aac", "-map", "0:v", "-map", "1:a", "-map", "0:v", "-map", "1:a"],
  ],
  // Codecs that hold what is not looked into, and fragments.
  ["none-jpeg.mov", "-c:v", "mjpeg", "-c:a", "aac"],
  ["none-mpeg4.mp4", "-c:v", "mpeg4", "-c:a", "aac"],
  ["none-fragments.mp4", "-c:v", "libx264", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"],
];

/** A digest of each picture and stretch of sound, as they are decoded. */
function framesOf(path: string): string {
  // The decoder that is taken otherwise does not see what is seen through.
  const decoder = path.includes("alpha") ? ["-c:v", "libvpx-vp9"] : [];
  const { stdout, status, stderr } = spawnSync(
    "ffmpeg",
    ["-v", "error", ...decoder, "-i", path, "-f", "framemd5", "-"],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  assert.ok(stdout.split("\n").length > 20, path);
  return stdout;
}

/**
 * A film as AVCHD camcorders write it: where they were, in a message beside the first picture (MDPM: tags of EXIF's and their
 * values, four bytes each).
 */
function makeCamcorderFilm(folder: string, path: string): void {
  const [raw, told] = [join(folder, "raw.h264"), join(folder, "told.h264")];
  const ffmpeg = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync("ffmpeg", ["-y", "-v", "error", ...args]);
    assert.equal(status, 0, String(stderr));
  };
  ffmpeg(...newFilm.slice(2, 6), "-c:v", "libx264", "-an", raw);
  const entries: Buffer[] = [];
  const entry = (tag: number, ...value: readonly number[]) => entries.push(Buffer.from([tag, ...value]));
  const ratio = (tag: number, value: number) => entry(tag, value >> 8, value & 255, 0, 1);
  entry(0xb0, 2, 2, 0, 0);
  entry(0xb1, ...Buffer.from("N\0\0\0"));
  for (const [tag, value] of [
    [0xb2, 52],
    [0xb3, 31],
    [0xb4, 12],
  ] as const)
    ratio(tag, value);
  entry(0xb5, ...Buffer.from("E\0\0\0"));
  for (const [tag, value] of [
    [0xb6, 13],
    [0xb7, 24],
    [0xb8, 18],
  ] as const)
    ratio(tag, value);
  const identifier = Buffer.from("17ee8c60f84d11d98cd60800200c9a66", "hex");
  const payload = Buffer.concat([identifier, Buffer.from("MDPM"), Buffer.of(entries.length), ...entries]);
  const message = Buffer.concat([Buffer.of(5, payload.length), payload, Buffer.of(0x80)]);
  const stuffed: number[] = [];
  for (const byte of message) {
    if (byte <= 3 && stuffed.at(-1) === 0 && stuffed.at(-2) === 0) stuffed.push(3);
    stuffed.push(byte);
  }
  const stream = readFileSync(raw);
  const picture = stream.indexOf(Buffer.from([0, 0, 1, 0x65]));
  assert.ok(picture > 0, "a picture that others build on");
  const unit = Buffer.concat([Buffer.from([0, 0, 1, 6]), Buffer.from(stuffed)]);
  writeFileSync(told, Buffer.concat([stream.subarray(0, picture), unit, stream.subarray(picture)]));
  ffmpeg("-r", "10", "-i", told, "-c", "copy", path);
  assert.ok(readFileSync(path).includes("MDPM"));
}

test("no place and no camera is left in what others get of any format", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "stowage-locations-"));
  try {
    const [sent, given] = [join(folder, "sent"), join(folder, "given")];
    for (const each of [sent, given]) mkdirSync(each);
    // Whatever it is called, and whatever it is.
    for (const { parentPath, name } of readdirSync(corpus, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile(),
    )) {
      const from = relative(corpus, parentPath).replaceAll("/", "-");
      copyFileSync(join(parentPath, name), join(sent, `${from}-${name}`));
    }
    for (const seed of [1, 2, 3]) {
      const png = join(folder, "picture.png");
      await photo(300 * seed, 200, seed)
        .png()
        .toFile(png);
      const { status } = spawnSync("heif-enc", [png, "-o", join(sent, `made-${seed}.heic`)]);
      assert.equal(status, 0, "heif-enc");
    }
    for (const [name, ...codecs] of films) {
      const { status, stderr } = spawnSync("ffmpeg", [...newFilm, ...codecs, join(sent, name)]);
      assert.equal(status, 0, String(stderr));
    }
    makeCamcorderFilm(folder, join(sent, "film-camcorder.mp4"));
    // Trimmed without encoding again: half of a second is hidden, or all that was before.
    for (const [name, from] of [
      ["film-trimmed.mp4", "0.5"],
      ["none-trimmed.mp4", "1.5"],
    ] as const) {
      const { status, stderr } = spawnSync("ffmpeg", [
        ...["-v", "error", "-ss", from, "-i", join(sent, "film-fast.mp4"), "-c", "copy", join(sent, name)],
      ]);
      assert.equal(status, 0, String(stderr));
    }
    exiftool(["-overwrite_original", "-q", "-q", "-m", ...everything, sent]);

    const written = tellTales(sent);
    for (const name of ["film-camcorder.mp4", "none-jpeg.mov"])
      assert.ok(
        written.get(join(sent, name))?.some((tag) => /GPS/.test(tag)),
        name,
      );
    const counts = new Map<string, { told: number; original: number; stripped: number; none: number }>();
    for (const name of readdirSync(sent)) {
      const path = join(sent, name);
      const type = await identifyContent(path);
      if (type === undefined) continue;
      const plan = await planRendition(path, canonicalContentType(type));
      const count = counts.get(type) ?? { told: 0, original: 0, stripped: 0, none: 0 };
      counts.set(type, count);
      count[plan.kind] += 1;
      if ((written.get(path) ?? []).some((tag) => /GPS|Location/.test(tag))) count.told += 1;
      if (/^(film|none)/.test(name)) assert.equal(plan.kind === "none", name.startsWith("none"), name);
      if (plan.kind === "none") continue;
      const original = readFileSync(path);
      const bytes = plan.kind === "stripped" ? joinPieces(original, plan.pieces) : original;
      for (const secret of [serial, city]) assert.ok(!bytes.includes(secret), `${name}: ${secret}`);
      writeFileSync(join(given, name), bytes);
      if (type.startsWith("video/") && name.startsWith("film"))
        assert.equal(framesOf(join(given, name)), framesOf(path), `${name}: pictures and sound`);
    }
    for (const [path, tags] of tellTales(given)) assert.deepEqual(tags, [], path);
    t.diagnostic(JSON.stringify([...counts]));
    // The other program has written places into files of each format, and most of them are given out all the same.
    for (const type of [
      "image/jpeg",
      "image/png",
      "image/webp",
      "image/gif",
      "image/avif",
      "image/heic",
      "video/mp4",
      "video/quicktime",
      "video/webm",
    ]) {
      const { told = 0, stripped = 0 } = counts.get(type) ?? {};
      assert.ok(told > 0 && stripped >= told / 2, `${type}: ${told} told, ${stripped} stripped`);
    }
    assert.equal(counts.get("image/tiff")?.none, counts.get("image/tiff")?.told, "TIFF has previews alone");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

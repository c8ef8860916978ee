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
import { extname, join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { canonicalContentType } from "../content-type.ts";
import { identifyContent } from "../identify-content.ts";
import { photo } from "../made-images.test-data.ts";
import { joinPieces } from "./pieces.ts";
import { planRendition } from "./plan-rendition.ts";

const corpus = process.env.STOWAGE_CORPUS ?? "";
const skip = corpus
  ? false
  : "STOWAGE_CORPUS is not set: images, orientation, pngsuite and types are left out";

const serial = "SN-4711-0815";
const city = "Cityofsomebody";
const everything = [
  ...["-GPSLatitude=52.52", "-GPSLatitudeRef=N", "-GPSLongitude=13.405", "-GPSLongitudeRef=E"],
  ...["-XMP:GPSLatitude=52.52", "-XMP:GPSLongitude=13.405", `-XMP-photoshop:City=${city}`],
  ...[`-IPTC:City=${city}`, `-Comment=${city}`, `-EXIF:SerialNumber=${serial}`, "-EXIF:Make=Camera"],
  ...["-Keys:GPSCoordinates=52.52, 13.405", "-UserData:GPSCoordinates=52.52, 13.405"],
];
const tell = ["-j", "-a", "-G1", "-s", "-ee", "-U", "-m", "-r"];

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
const films = [
  ["film.mp4", "-c:v", "libx264", "-c:a", "aac"],
  ["film-fast.mp4", "-c:v", "libx264", "-c:a", "aac", "-movflags", "+faststart+use_metadata_tags"],
  ["film.mov", "-c:v", "libx264", "-c:a", "aac"],
  ["film.webm", "-c:v", "libvpx", "-c:a", "libopus"],
] as const;

/** A digest of each picture and stretch of sound, as they are decoded. */
function framesOf(path: string): string {
  const { stdout, status, stderr } = spawnSync("ffmpeg", ["-v", "error", "-i", path, "-f", "framemd5", "-"], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  assert.ok(stdout.split("\n").length > 20, path);
  return stdout;
}

test("no place and no camera is left in what others get of any format", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "stowage-locations-"));
  try {
    const [sent, given] = [join(folder, "sent"), join(folder, "given")];
    for (const each of [sent, given]) mkdirSync(each);
    for (const from of ["images", "orientation", "pngsuite", "types"])
      for (const name of readdirSync(join(corpus, from)))
        if (/^\.(jpe?g|png|gif|webp|avif|hei[cf]|tiff?|mp4|mov|webm|svg)$/i.test(extname(name)))
          copyFileSync(join(corpus, from, name), join(sent, `${from}-${name}`));
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
    exiftool(["-overwrite_original", "-q", "-q", "-m", ...everything, sent]);

    const written = tellTales(sent);
    const counts = new Map<string, { told: number; original: number; stripped: number; none: number }>();
    for (const name of readdirSync(sent)) {
      const path = join(sent, name);
      const type = await identifyContent(path);
      if (type === undefined) continue;
      const header = await sharp(path)
        .metadata()
        .catch(() => undefined);
      const plan = await planRendition(path, canonicalContentType(type), header?.orientation);
      const count = counts.get(type) ?? { told: 0, original: 0, stripped: 0, none: 0 };
      counts.set(type, count);
      count[plan.kind] += 1;
      if ((written.get(path) ?? []).some((tag) => /GPS|Location/.test(tag))) count.told += 1;
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

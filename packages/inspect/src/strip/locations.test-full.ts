// What others get of real files in which a place and a camera were written by another program: exiftool, of Debian's
// libimage-exiftool-perl, which also looks for them afterwards. The corpus has no HEIC: heif-enc (libheif-examples) makes some.
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

test("no place and no camera is left in what others get of any format", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "stowage-locations-"));
  try {
    const [sent, given] = [join(folder, "sent"), join(folder, "given")];
    for (const each of [sent, given]) mkdirSync(each);
    for (const from of ["images", "orientation", "pngsuite", "types"])
      for (const name of readdirSync(join(corpus, from)))
        if (/^\.(jpe?g|png|gif|webp|avif|hei[cf]|tiff?|mp4|mov|svg)$/i.test(extname(name)))
          copyFileSync(join(corpus, from, name), join(sent, `${from}-${name}`));
    for (const seed of [1, 2, 3]) {
      const png = join(folder, "picture.png");
      await photo(300 * seed, 200, seed)
        .png()
        .toFile(png);
      const { status } = spawnSync("heif-enc", [png, "-o", join(sent, `made-${seed}.heic`)]);
      assert.equal(status, 0, "heif-enc");
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
      if ((written.get(path) ?? []).some((tag) => /GPS/.test(tag))) count.told += 1;
      if (plan.kind === "none") continue;
      const original = readFileSync(path);
      const bytes = plan.kind === "stripped" ? joinPieces(original, plan.pieces) : original;
      for (const secret of [serial, city]) assert.ok(!bytes.includes(secret), `${name}: ${secret}`);
      writeFileSync(join(given, name), bytes);
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
    ]) {
      const { told = 0, stripped = 0 } = counts.get(type) ?? {};
      assert.ok(told > 0 && stripped >= told / 2, `${type}: ${told} told, ${stripped} stripped`);
    }
    assert.equal(counts.get("image/tiff")?.none, counts.get("image/tiff")?.told, "TIFF has previews alone");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// What others get of real PDFs into which another program wrote a place: exiftool, of Debian's libimage-exiftool-perl, which also
// looks for it afterwards, also in pictures that are taken out of them.
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
import { join } from "node:path";
import { test } from "node:test";
import { photo } from "../made-images.test-data.ts";
import { pdf, stream } from "../made-pdfs.test-data.ts";
import { openPdf } from "../open-pdf.ts";
import { joinPieces } from "./pieces.ts";
import { planRendition } from "./plan-rendition.ts";

const corpus = process.env.STOWAGE_CORPUS ?? "";
const skip = corpus ? false : "STOWAGE_CORPUS is not set: pdf is left out";

const city = "Cityofsomebody";
const everything = ["-XMP:GPSLatitude=52.52", "-XMP:GPSLongitude=13.405", `-XMP-photoshop:City=${city}`];

function exiftool(args: readonly string[]): string {
  const { stdout, error } = spawnSync("exiftool", args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (error) throw error;
  return stdout;
}

/** Of all files in a folder that tell of a place: their tags that do. */
function tellTales(folder: string): readonly (readonly [file: string, tag: string])[] {
  const files = JSON.parse(exiftool(["-j", "-a", "-G1", "-s", "-ee3", "-U", "-m", folder])) as Record<
    string,
    unknown
  >[];
  return files.flatMap(({ SourceFile, ...tags }) =>
    Object.entries(tags)
      .filter(
        ([name, value]) => /GPS|Location|:City|SerialNumber/i.test(name) || String(value).includes(city),
      )
      .map(([name]) => [String(SourceFile), name] as const),
  );
}

/** Writes beside a document the picture that it begins with: exiftool looks into none within. */
function takeOut(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(`${path}.jpg`, bytes.subarray(bytes.indexOf(Buffer.from([0xff, 0xd8]))));
}

/** The first pages, as drawn. */
async function pagesOf(path: string): Promise<unknown> {
  const document = await openPdf(path);
  if (typeof document === "string" || !("pageCount" in document)) return document;
  const numbers = Array.from({ length: Math.min(3, document.pageCount) }, (_, index) => index + 1);
  return numbers.map((number) => document.page(number)?.draw(300, 400));
}

test("no place is left in what others get of any PDF, and its pages look the same", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "stowage-documents-"));
  try {
    const [sent, given] = [join(folder, "sent"), join(folder, "given")];
    for (const each of [sent, given]) mkdirSync(each);
    for (const name of readdirSync(join(corpus, "pdf"))) {
      copyFileSync(join(corpus, "pdf", name), join(sent, `as-it-is-${name}`));
      copyFileSync(join(corpus, "pdf", name), join(sent, `placed-${name}`));
    }
    const photograph = "as-it-is-photograph.pdf";
    // As programs do that make a document of photographs.
    const picture = join(folder, "picture.jpg");
    writeFileSync(picture, await photo(300, 200).jpeg().toBuffer());
    exiftool(["-overwrite_original", "-q", "-GPSLatitude=52.52", "-GPSLatitudeRef=N", picture]);
    const image = "/Type/XObject/Subtype/Image/Width 300/Height 200/ColorSpace/DeviceRGB/BitsPerComponent 8";
    const object = stream(readFileSync(picture).toString("latin1"), `${image}/Filter/DCTDecode`);
    writeFileSync(
      join(sent, photograph),
      pdf({
        content: "300 0 0 200 0 0 cm /P Do",
        page: "/Resources<</XObject<</P 5 0 R>>>>",
        objects: [object],
      }),
    );
    // As a second file behind the first.
    const followed = readFileSync(picture).subarray(0, 100);
    for (const name of readdirSync(join(corpus, "pdf")))
      writeFileSync(
        join(sent, `followed-${name}`),
        Buffer.concat([readFileSync(join(corpus, "pdf", name)), readFileSync(picture)]),
      );
    const placed = readdirSync(sent).filter((name) => name.startsWith("placed-"));
    exiftool([
      "-overwrite_original",
      "-q",
      "-q",
      "-m",
      ...everything,
      ...placed.map((name) => join(sent, name)),
    ]);
    const names = readdirSync(sent);
    takeOut(join(sent, photograph));
    const told = new Set(tellTales(sent).map(([file]) => file));
    assert.ok(told.size > placed.length * 0.8, `${told.size} of ${placed.length} were told a place`);
    assert.ok(told.has(join(sent, `${photograph}.jpg`)));

    const counts = { original: 0, stripped: 0, none: 0 };
    for (const name of names) {
      const plan = await planRendition(join(sent, name), "application/pdf");
      counts[plan.kind] += 1;
      if (plan.kind === "none") continue;
      const original = readFileSync(join(sent, name));
      const bytes = plan.kind === "stripped" ? joinPieces(original, plan.pieces) : original;
      writeFileSync(join(given, name), bytes);
      if (name.startsWith("followed-")) assert.ok(!bytes.includes(followed), name);
      if (plan.kind === "stripped")
        assert.deepEqual(await pagesOf(join(given, name)), await pagesOf(join(sent, name)), name);
    }
    takeOut(join(given, photograph));
    assert.deepEqual(tellTales(given), []);
    t.diagnostic(JSON.stringify({ told: told.size, ...counts }));
    // Encrypted, damaged, or with files attached.
    assert.ok(counts.none < 0.06 * names.length, "most are given");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

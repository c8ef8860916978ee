// Over real files from public projects. What the corpus is: its README.md.
import assert from "node:assert/strict";
import { createReadStream, readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { after, test } from "node:test";
import { fileTypeFromFile } from "file-type";
import sharp from "sharp";
import { assertAccepted, assertRejected, everyImage, inspectorFor } from "./inspect-bytes.test-data.ts";
import type { Inspection } from "./inspection.ts";

const corpus = process.env.STOWAGE_CORPUS ?? "";
const skip = corpus
  ? false
  : "STOWAGE_CORPUS is not set: pngsuite, orientation, images, types and pdf are left out";
const inspector = inspectorFor({ after });

const contentTypes = new Map([
  [".jpg", "image/jpeg"],
  [".png", "image/png"],
  [".webp", "image/webp"],
  [".gif", "image/gif"],
  [".tif", "image/tiff"],
  [".tiff", "image/tiff"],
  [".avif", "image/avif"],
  [".svg", "image/svg+xml"],
  [".jp2", "image/jp2"],
  [".pdf", "application/pdf"],
]);
const declaredTypeOf = (name: string): string =>
  contentTypes.get(extname(name).toLowerCase()) ?? "application/octet-stream";

function inspectFile(folder: string, name: string): Promise<Inspection> {
  const path = join(corpus, folder, name);
  return inspector.inspect({
    body: createReadStream(path),
    declaredContentType: declaredTypeOf(name),
    declaredSizeBytes: statSync(path).size,
    allowedContentTypes: [...everyImage, "application/pdf"],
    derivatives: [
      { name: "thumbnail", width: 320, height: 320, fit: "contain" },
      { name: "preview", of: "image", width: 1600, height: 1600, fit: "contain" },
      { name: "page", of: "document", width: 1600, height: 1600, fit: "contain" },
    ],
  });
}

function assertVerdict(name: string, inspection: Inspection): void {
  if (inspection.verdict === "rejected") assert.match(inspection.detail, /^[A-Z].+\.$/, name);
  else assert.equal(inspection.contentType, declaredTypeOf(name), name);
}

test("PngSuite: every corrupt file is refused, and no other", { skip }, async () => {
  const names = readdirSync(join(corpus, "pngsuite")).filter((name) => name.endsWith(".png"));
  assert.ok(names.length > 150);
  for (const name of names) {
    const inspection = await inspectFile("pngsuite", name);
    assertVerdict(name, inspection);
    assert.equal(inspection.verdict, name.startsWith("x") ? "rejected" : "accepted", name);
  }
});

for (const view of ["Portrait", "Landscape"]) {
  test(`orientation: all photos called ${view} look alike once turned`, { skip }, async () => {
    const names = readdirSync(join(corpus, "orientation")).filter((name) => name.startsWith(`${view}_`));
    assert.equal(names.length, 9);
    const grids: Buffer[] = [];
    for (const name of names) {
      const inspection = await inspectFile("orientation", name);
      assertAccepted(inspection);
      assert.equal(
        inspection.image && inspection.image.height > inspection.image.width,
        view === "Portrait",
        name,
      );
      const thumbnail = sharp(inspection.derivatives[0]?.bytes);
      grids.push(await thumbnail.resize(16, 16, { fit: "fill" }).removeAlpha().raw().toBuffer());
    }
    const [first = Buffer.alloc(0), ...others] = grids;
    for (const [index, grid] of others.entries()) {
      const difference = meanDifference(first, grid);
      assert.ok(difference < 6, `${names[index + 1]} differs from ${names[0]} by ${difference}`);
    }
    assert.ok(meanDifference(first, await turned(first)) > 20, "these pictures could not tell a wrong turn");
  });
}

function turned(grid: Buffer): Promise<Buffer> {
  return sharp(grid, { raw: { width: 16, height: 16, channels: 3 } })
    .rotate(180)
    .raw()
    .toBuffer();
}

function meanDifference(a: Buffer, b: Buffer): number {
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;
}

const refusedImages = new Map([
  ["65536-uint32-limit.png", "too-many-pixels"],
  ["giant-image.jpg", "too-many-pixels"],
  ["corrupt-header.jpg", "corrupt"],
  ["truncated.jpg", "corrupt"],
  ["truncated.png", "corrupt"],
  ["check.svg", "type-not-allowed"],
  ["circle.svg", "type-not-allowed"],
  ["struct-image-04-t.svg", "type-not-allowed"],
  ["relax.jp2", "type-mismatch"],
  ["relax_tileparts.jp2", "type-not-allowed"],
]);

test("images: broken, giant and foreign ones are refused each for its reason; the rest has facts and derivatives", {
  skip,
}, async () => {
  for (const name of readdirSync(join(corpus, "images"))) {
    const inspection = await inspectFile("images", name);
    assertVerdict(name, inspection);
    assert.equal(
      inspection.verdict === "rejected" ? inspection.code : undefined,
      refusedImages.get(name),
      name,
    );
    if (inspection.verdict === "rejected") continue;
    assert.ok(inspection.image?.thumbhash, name);
    assert.equal(inspection.derivatives.length, 2, name);
  }
});

test("types: every file ends in a verdict", { skip }, async () => {
  for (const name of readdirSync(join(corpus, "types")))
    assertVerdict(name, await inspectFile("types", name));
});

test("types: documents that are ZIP files are looked through, and those with macros say so", {
  skip,
}, async () => {
  const names = readdirSync(join(corpus, "types")).filter((name) =>
    /\.(?:doc|xls|ppt|dot|pot|xlt|pps)[xm]$|\.od[tsg]$/.test(name),
  );
  assert.ok(names.length > 20);
  for (const name of names) {
    const path = join(corpus, "types", name);
    const found = await fileTypeFromFile(path);
    assert.ok(found, name);
    const inspection = await inspector.inspect({
      body: createReadStream(path),
      declaredContentType: found.mime,
      declaredSizeBytes: statSync(path).size,
      allowedContentTypes: [found.mime],
      derivatives: [],
    });
    assertAccepted(inspection);
    const hasMacros = inspection.activeContent?.includes("macros") ?? false;
    if (!name.endsWith("m")) assert.equal(hasMacros, false, name);
  }
});

/**
 * Pages on which PDFium draws nothing. On the first (a JBIG2 picture of a rare kind) and the last two other programs do
 * draw something.
 */
const drawnBlank = [
  "bitmap-template1-customat-tpgdon.pdf",
  "issue13269.pdf",
  "issue18042.pdf",
  "issue20062.pdf",
  "issue20439.pdf",
];

/** As a search through their objects, unpacked by another program, has it too. */
const activePdfs = new Map<string, readonly string[]>([
  ...[
    "bug1811510",
    "bug1922766",
    "dates_save",
    "issue13269",
    "issue14307",
    "issue15092",
    "issue15096",
    "issue20489",
  ].map((name) => [`${name}.pdf`, ["javascript"]] as const),
  ["file_url_link.pdf", ["external"]],
  ["issue18030.pdf", ["embedded-files"]],
  ["xfa_issue14315.pdf", ["javascript", "xfa"]],
]);

test("pdf: 105 have their pages counted and the first one drawn; one is damaged, one wants a password", {
  skip,
}, async () => {
  const names = readdirSync(join(corpus, "pdf")).filter((name) => name.endsWith(".pdf"));
  assert.equal(names.length, 107);
  const blank: string[] = [];
  for (const name of names) {
    const inspection = await inspectFile("pdf", name);
    assertVerdict(name, inspection);
    if (name === "bug1020226.pdf") {
      assertRejected(inspection, "corrupt");
      continue;
    }
    assertAccepted(inspection);
    assert.deepEqual(inspection.activeContent, activePdfs.get(name), name);
    if (name === "issue21579.pdf") {
      assert.deepEqual([inspection.document, inspection.derivatives], [{ passwordProtected: true }, []]);
      continue;
    }
    const { pageCount = 0, thumbhash, undrawn } = inspection.document ?? {};
    assert.ok(pageCount > 0 && thumbhash && undrawn === undefined, name);
    const made = inspection.derivatives.map((derivative) => derivative.name);
    assert.deepEqual(made, ["thumbnail", "page"], name);
    const { channels } = await sharp(inspection.derivatives[1]?.bytes).stats();
    if (channels.every(({ min, max }) => max - min < 4)) blank.push(name);
  }
  assert.deepEqual(blank.sort(), drawnBlank);
});

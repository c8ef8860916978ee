import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { createInspector } from "./create-inspector.ts";
import {
  assertAccepted,
  assertRejected,
  copiesOf,
  inPieces,
  inspectBytes,
  inspectorFor,
  temporaryDirectory,
} from "./inspect-bytes.test-data.ts";
import { photo, quarters } from "./made-images.test-data.ts";
import { pdf as pdfOfPages } from "./made-pdfs.test-data.ts";
import { stripperVersion } from "./strip/stripper-version.ts";

const inspector = inspectorFor({ after });
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const pdf = pdfOfPages({ pages: 2 });

test("a photo is accepted with its facts and derivatives, and leaves nothing behind", async () => {
  const jpeg = await photo(600, 400)
    .jpeg()
    .withExif({ IFD2: { DateTimeOriginal: "2024:07:01 09:30:15", OffsetTimeOriginal: "+02:00" } })
    .toBuffer();
  const inspection = await inspectBytes(inspector, jpeg, "image/jpeg", {
    declaredSha256: sha256(jpeg),
    derivatives: [{ name: "thumbnail", width: 320, height: 320, fit: "contain" }],
  });
  assertAccepted(inspection);
  const { image, derivatives, rendition, ...rest } = inspection;
  assert.ok(rendition?.kind === "stripped" && rendition.sizeBytes < jpeg.length, "without its EXIF");
  assert.deepEqual(rest, {
    verdict: "accepted",
    contentType: "image/jpeg",
    sizeBytes: jpeg.length,
    sha256: sha256(jpeg),
  });
  assert.deepEqual([image?.width, image?.height, image?.takenAt], [600, 400, "2024-07-01T07:30:15.000Z"]);
  assert.match(image?.thumbhash ?? "", /^[A-Za-z0-9+/]+=*$/);
  const [thumbnail] = derivatives;
  assert.ok(thumbnail);
  assert.deepEqual([thumbnail.width, thumbnail.height, thumbnail.contentType], [320, 213, "image/webp"]);
  assert.equal(thumbnail.sha256, sha256(thumbnail.bytes));
  assert.equal((await sharp(thumbnail.bytes).metadata()).width, 320);
  assert.deepEqual(copiesOf(inspector), []);
});

test("a PDF is accepted with its pages counted and its first one drawn", async () => {
  const inspection = await inspectBytes(inspector, pdf, "application/pdf", {
    allowedContentTypes: ["application/pdf"],
    derivatives: [
      { name: "thumbnail", width: 320, height: 320, fit: "contain" },
      { name: "preview", of: "image", width: 1600, height: 1600, fit: "contain" },
    ],
  });
  assertAccepted(inspection);
  const { document, derivatives, ...rest } = inspection;
  assert.deepEqual(rest, {
    verdict: "accepted",
    contentType: "application/pdf",
    rendition: { kind: "original", version: stripperVersion },
    sizeBytes: pdf.length,
    sha256: sha256(pdf),
  });
  assert.equal(document?.pageCount, 2);
  assert.deepEqual(
    derivatives.map(({ name, width, height }) => [name, width, height]),
    [["thumbnail", 247, 320]],
  );
});

test("a PDF behind a few lines of something else is told by its header", async () => {
  const lines = Buffer.from("Content-Type: application/octet-stream\r\n\r\n");
  const allowed = { allowedContentTypes: ["application/pdf"] };
  assertAccepted(await inspectBytes(inspector, Buffer.concat([lines, pdf]), "application/pdf", allowed));
  const far = Buffer.concat([Buffer.alloc(1024, "x"), pdf]);
  assertRejected(await inspectBytes(inspector, far, "application/pdf", allowed), "type-mismatch");
});

test("bytes of another type than declared are refused, whatever the name they go by", async () => {
  const png = await quarters(8, 8).png().toBuffer();
  const inspection = await inspectBytes(inspector, png, "image/jpeg");
  assertRejected(inspection, "type-mismatch");
  assert.equal(inspection.detail, "The file was declared as image/jpeg, but the bytes are PNG.");
  assert.equal(inspection.sha256, sha256(png));
});

test("web pages, drawings with scripts and plain text pass for no image", async () => {
  for (const text of [
    "<!doctype html><script>alert(1)</script>",
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "just a note",
  ]) {
    assertRejected(await inspectBytes(inspector, Buffer.from(text), "image/png"), "type-mismatch");
  }
});

test("an honest type that the profile does not allow is refused", async () => {
  const webp = await quarters(8, 8).webp().toBuffer();
  const inspection = await inspectBytes(inspector, webp, "image/webp", {
    allowedContentTypes: ["image/jpeg"],
  });
  assertRejected(inspection, "type-not-allowed");
});

test("an image that breaks off is refused as damaged", async () => {
  const jpeg = await photo(320, 240).jpeg().toBuffer();
  const inspection = await inspectBytes(inspector, jpeg.subarray(0, jpeg.length / 2), "image/jpeg");
  assertRejected(inspection, "corrupt");
  assert.equal(inspection.detail, "The JPEG image is damaged or incomplete: it can't be decoded to its end.");
});

test("more, fewer or no bytes than declared are told apart", async () => {
  const more = await inspectBytes(inspector, pdf, "application/pdf", { declaredSizeBytes: pdf.length - 1 });
  assertRejected(more, "size-mismatch");
  assert.equal(more.sizeBytes, undefined);
  const fewer = await inspectBytes(inspector, pdf, "application/pdf", { declaredSizeBytes: 1_000_000 });
  assertRejected(fewer, "size-mismatch");
  assert.equal(
    fewer.detail,
    `The file was declared to have 1,000,000 bytes, but only ${pdf.length} arrived.`,
  );
  const none = await inspectBytes(inspector, Buffer.alloc(0), "application/pdf");
  assertRejected(none, "corrupt");
  assert.equal(none.detail, "The file is empty: it has no content at all.");
});

test("bytes that are not those of the declared digest are refused before anything looks into them", async () => {
  const inspection = await inspectBytes(inspector, pdf, "application/pdf", {
    declaredSha256: "0".repeat(64),
  });
  assertRejected(inspection, "checksum-mismatch");
  assert.equal(inspection.sha256, sha256(pdf));
});

test("while a file is inspected, its copy can be read by this user only", async (t) => {
  const { temporaryDirectory: directory, inspect } = inspectorFor(t);
  const modes: number[] = [];
  async function* body(): AsyncGenerator<Uint8Array> {
    yield pdf;
    for (const name of readdirSync(directory)) modes.push(statSync(join(directory, name)).mode & 0o777);
  }
  assertAccepted(
    await inspect({
      body: body(),
      declaredContentType: "application/pdf",
      declaredSizeBytes: pdf.length,
      allowedContentTypes: ["application/pdf"],
      derivatives: [],
    }),
  );
  assert.deepEqual(modes, [0o600]);
});

test("a broken source throws, and leaves nothing behind", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield* inPieces(pdf);
    throw new Error("connection reset");
  }
  await assert.rejects(inspectBytes(inspector, pdf, "application/pdf", { body: broken() }), {
    name: "InspectionFailedError",
    code: "source-failed",
  });
  assert.deepEqual(copiesOf(inspector), []);
});

test("a temporary copy that disappears is an outage, not the file's fault", async (t) => {
  const vanishing = inspectorFor(t);
  async function* body(): AsyncGenerator<Uint8Array> {
    yield pdf;
    for (const name of readdirSync(vanishing.temporaryDirectory))
      rmSync(join(vanishing.temporaryDirectory, name));
  }
  await assert.rejects(inspectBytes(vanishing, pdf, "application/pdf", { body: body() }), {
    code: "temporary-file-failed",
  });
});

test("what an earlier process left behind is removed at the start, and nothing else", (t) => {
  const directory = join(temporaryDirectory(t), "inspect");
  mkdirSync(directory);
  writeFileSync(join(directory, "inspection-of-yesterday"), "half a file");
  writeFileSync(join(directory, "notes.txt"), "keep me");
  inspectorFor(t, { temporaryDirectory: directory });
  assert.deepEqual(readdirSync(directory), ["notes.txt"]);
});

test("a missing temporary directory is made, for this user only", (t) => {
  const directory = join(temporaryDirectory(t), "a", "b");
  inspectorFor(t, { temporaryDirectory: directory });
  assert.equal(statSync(directory).mode & 0o777, 0o700);
});

test("options and derivatives out of range are refused by name", async (t) => {
  const directory = join(temporaryDirectory(t), "unused");
  for (const [name, value] of Object.entries({
    processes: 0,
    decodeTimeoutMs: 2 ** 31,
    webpEffort: 7,
    maxPixels: 1.5,
  })) {
    assert.throws(() => createInspector({ temporaryDirectory: directory, [name]: value }), {
      name: "RangeError",
      message: new RegExp(`^${name} must be a whole number`),
    });
  }
  assert.equal(existsSync(directory), false);
  const derivatives = [{ name: "huge", width: 20_000, height: 100, fit: "contain" as const }];
  await assert.rejects(inspectBytes(inspector, pdf, "application/pdf", { derivatives }), RangeError);
});

test("a closed inspector says so", async (t) => {
  const closed = inspectorFor(t);
  await closed.close();
  await closed.close();
  await assert.rejects(inspectBytes(closed, pdf, "application/pdf"), { code: "closed" });
});

test("what others get of a photo is given away while it is there: without its place, as it was measured", async () => {
  const jpeg = await photo(600, 400)
    .jpeg()
    .withExif({ IFD0: { Make: "Camera of somebody" } })
    .toBuffer();
  const taken: { byteLength: number; sha256: string; bytes: Buffer }[] = [];
  const inspection = await inspectBytes(inspector, jpeg, "image/jpeg", {
    takeRendition: async ({ byteLength, sha256: digest, open }) => {
      for (const _ of ["once", "and again"]) {
        const chunks: Buffer[] = [];
        for await (const chunk of open()) chunks.push(Buffer.from(chunk));
        taken.push({ byteLength, sha256: digest, bytes: Buffer.concat(chunks) });
      }
    },
  });
  assertAccepted(inspection);
  assert.equal(taken.length, 2);
  for (const { byteLength, sha256: digest, bytes } of taken) {
    const version = stripperVersion;
    assert.deepEqual(inspection.rendition, {
      kind: "stripped",
      version,
      sizeBytes: byteLength,
      sha256: digest,
    });
    assert.deepEqual([bytes.length, sha256(bytes)], [byteLength, digest]);
    assert.ok(!bytes.includes("Camera of somebody"));
  }
  const tiff = await photo(60, 40).tiff().toBuffer();
  const more = { takeRendition: async () => assert.fail("nothing of a TIFF is given to others") };
  assertAccepted(await inspectBytes(inspector, tiff, "image/tiff", more));
});

// The limits on the real decoding process, with files that reach them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccepted, assertRejected, inspectBytes, inspectorFor } from "./inspect-bytes.test-data.ts";
import { animatedGif, blackPng, interlacedPng } from "./made-images.test-data.ts";
import { endlessPdf, pdf, swellingPdf } from "./made-pdfs.test-data.ts";

const onLinux = { skip: process.platform !== "linux" && "resident memory is read from /proc" };

test("a decode that takes too long is ended in the middle, and the next file is decoded", async (t) => {
  const inspector = inspectorFor(t, { decodeTimeoutMs: 1000, maxPixels: 2_000_000_000 });
  assertRejected(await inspectBytes(inspector, blackPng(40_000, 40_000), "image/png"), "timeout");
  assertAccepted(await inspectBytes(inspector, blackPng(100, 100), "image/png"));
});

test(
  "an image within the pixel limit that unpacks to more memory than allowed is stopped",
  onLinux,
  async (t) => {
    const interlaced = interlacedPng(5000, 5000);
    const tight = inspectorFor(t, { maxMemoryBytes: 200 * 2 ** 20 });
    const refused = await inspectBytes(tight, interlaced, "image/png");
    assertRejected(refused, "processing-failed");
    assert.match(refused.detail, /memory/);
    assertAccepted(await inspectBytes(tight, blackPng(100, 100), "image/png"));
    assertAccepted(await inspectBytes(inspectorFor(t), interlaced, "image/png"));
  },
);

const aPdf = {
  allowedContentTypes: ["application/pdf"],
  derivatives: [{ name: "page", width: 1600, height: 1600, fit: "contain" }],
} as const;

test("a document whose page takes too long to draw is accepted without its picture", async (t) => {
  const inspector = inspectorFor(t, { decodeTimeoutMs: 2000 });
  const endless = await inspectBytes(inspector, endlessPdf(), "application/pdf", aPdf);
  assertAccepted(endless);
  assert.deepEqual(endless.document, { pageCount: 1, undrawn: "timeout" });
  assert.deepEqual(endless.derivatives, []);
  const next = await inspectBytes(inspector, pdf({ pages: 2 }), "application/pdf", aPdf);
  assertAccepted(next);
  assert.equal(next.document?.pageCount, 2);
  assert.equal(next.derivatives.length, 1);
});

test(
  "so is one whose page takes too much memory, and the next has a memory of its own",
  onLinux,
  async (t) => {
    const inspector = inspectorFor(t, { maxMemoryBytes: 500 * 2 ** 20 });
    const swelling = await inspectBytes(inspector, swellingPdf(), "application/pdf", aPdf);
    assertAccepted(swelling);
    assert.deepEqual(swelling.document, { pageCount: 1, undrawn: "memory" });
    const next = await inspectBytes(inspector, pdf(), "application/pdf", aPdf);
    assertAccepted(next);
    assert.equal(next.derivatives.length, 1);
  },
);

test("bombs are refused from their headers, in no time and no memory", onLinux, async (t) => {
  const inspector = inspectorFor(t, { decodeTimeoutMs: 3000, maxMemoryBytes: 200 * 2 ** 20 });
  for (const [bomb, contentType] of [
    [blackPng(16_384, 16_384), "image/png"],
    [animatedGif(1000, 1000, 10_000), "image/gif"],
  ] as const) {
    assertRejected(await inspectBytes(inspector, bomb, contentType), "too-many-pixels");
  }
});

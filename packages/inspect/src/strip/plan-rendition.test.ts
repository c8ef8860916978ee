import assert from "node:assert/strict";
import { test } from "node:test";
import { supportedMimeTypes } from "file-type";
import { canonicalContentType } from "../content-type.ts";
import { planRendition } from "./plan-rendition.ts";

/** Neither is opened: what they would get is said by the type alone. */
const nowhere = "/nonexistent/file";

test("gives out as they are archives, office files, EPUBs, fonts, events and addresses, and nothing else that has no stripper", async () => {
  const whole: string[] = [];
  for (const type of new Set([...supportedMimeTypes].map(canonicalContentType))) {
    const kind = await planRendition(nowhere, type).then(
      (plan) => plan.kind,
      // It would be read.
      () => "stripped",
    );
    if (kind === "original") whole.push(type);
  }
  assert.ok(whole.length > 30, String(whole.length));
  for (const type of whole)
    assert.match(
      type,
      /^font\/|officedocument|oasis|macroenabled|zip|compress|[-.](?:tar|xz|lz4|arj|cpio|archive|fontobject|visio|pages|numbers|keynote)$|^application\/(?:rtf|zstd|x-rar-compressed)$|^text\/(?:calendar|vcard)$/,
    );
});

for (const type of [
  "application/postscript",
  "application/eps",
  "application/x-mie",
  "application/mxf",
  "application/dicom",
  "application/vnd.rn-realmedia",
  "application/x-indesign",
  "application/x-shockwave-flash",
  "application/vnd.ms-asf",
  "application/ogg",
  "application/xml",
  "application/x-esri-shape",
  "application/unheard-of",
  "text/vtt",
  "text/plain",
  "audio/mpeg",
])
  test(`gives nothing but previews of ${type}`, async () => {
    assert.deepEqual(await planRendition(nowhere, type), { kind: "none" });
  });

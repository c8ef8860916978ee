import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { assertAccepted, assertRejected, inspectBytes, inspectorFor } from "./inspect-bytes.test-data.ts";
import type { Inspection } from "./inspection.ts";
import { film, webm } from "./made-films.test-data.ts";

const inspector = inspectorFor({ after });
const inspect = (bytes: Buffer, type: string): Promise<Inspection> =>
  inspectBytes(inspector, bytes, type, {
    allowedContentTypes: ["video/mp4", "video/quicktime", "video/webm"],
  });

test("a film's length and the size that it is shown in are known, wherever its movie box is", async () => {
  for (const moovLast of [true, false]) {
    const inspection = await inspect(film({ moovLast, durationMs: 61_500 }), "video/mp4");
    assertAccepted(inspection);
    assert.deepEqual(inspection.video, { durationMs: 61_500, width: 640, height: 360 });
    assert.equal(inspection.contentType, "video/mp4");
  }
});

test("a phone's film is as high as it is held", async () => {
  const inspection = await inspect(film({ brand: "qt  ", turn: 90 }), "video/quicktime");
  assertAccepted(inspection);
  assert.deepEqual(inspection.video, { durationMs: 1000, width: 360, height: 640 });
});

test("a WebM film has its length and size, and one that was recorded live its size at least", async () => {
  const whole = await inspect(webm(), "video/webm");
  assertAccepted(whole);
  assert.deepEqual(whole.video, { durationMs: 1500, width: 320, height: 180 });
  const live = await inspect(webm({ isLive: true }), "video/webm");
  assertAccepted(live);
  assert.deepEqual([live.video?.width, live.video?.height], [320, 180]);
});

test("a film that ends too early, or whose contents are missing, is damaged", async () => {
  const whole = film();
  for (const bytes of [whole.subarray(0, whole.length - 1), film({ moovLast: true }).subarray(0, -40)]) {
    const inspection = await inspect(bytes, "video/mp4");
    assertRejected(inspection, "corrupt");
    assert.equal(inspection.detail, "The MP4 film is damaged or incomplete: it ends too early.");
  }
  const withoutMovie = await inspect(
    Buffer.concat([whole.subarray(0, 20), Buffer.from("\0\0\0\x10mdatabcdefgh", "latin1")]),
    "video/mp4",
  );
  assertRejected(withoutMovie, "corrupt");
  assert.match(withoutMovie.detail, /it has no list of its contents\.$/);
  const empty = await inspect(film({ tracks: 0 }), "video/mp4");
  assertRejected(empty, "corrupt");
  assert.match(empty.detail, /it holds neither pictures nor sound\.$/);
  const cut = await inspect(webm().subarray(0, -3), "video/webm");
  assertRejected(cut, "corrupt");
});

test("padding behind a whole film does not harm it", async () => {
  for (const padding of [Buffer.alloc(4), Buffer.alloc(100), Buffer.from("anything at all")]) {
    assertAccepted(await inspect(Buffer.concat([film(), padding]), "video/mp4"));
  }
});

test("whatever is cut or flipped, a film ends in a verdict", async () => {
  const films = [film({ mediaBytes: 40 }), webm()] as const;
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
  const property = fc.asyncProperty(
    fc.constantFrom(...films),
    flips,
    fc.nat(),
    async (whole, changes, end) => {
      const bytes = Buffer.from(changes.length === 0 ? whole.subarray(0, 1 + (end % whole.length)) : whole);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      const { verdict, ...rest } = await inspect(bytes, whole === films[0] ? "video/mp4" : "video/webm");
      if (verdict === "rejected")
        assert.ok(
          "code" in rest && ["corrupt", "type-mismatch", "type-not-allowed"].includes(rest.code),
          JSON.stringify(rest),
        );
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

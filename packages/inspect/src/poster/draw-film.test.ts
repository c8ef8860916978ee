import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { createInspector } from "../create-inspector.ts";
import { assertAccepted } from "../inspect-bytes.test-data.ts";
import type { InspectionRequest } from "../inspection.ts";
import { film } from "../made-films.test-data.ts";
import { findFfmpeg } from "./find-ffmpeg.ts";

const ffmpeg = findFfmpeg("auto");
const skip = ffmpeg === undefined && "ffmpeg is not installed";
const folder = mkdtempSync(join(tmpdir(), "stowage-posters-"));
const temporaryDirectory = join(folder, "inspect");
const inspector = createInspector({ temporaryDirectory, ffmpeg });
after(async () => {
  await inspector.close();
  rmSync(folder, { recursive: true });
});

const thumbnail = { name: "thumbnail", width: 100, height: 100, fit: "contain" } as const;

const inspect = (bytes: Buffer, more: Partial<InspectionRequest> = {}) =>
  inspector.inspect({
    body: (async function* () {
      yield bytes;
    })(),
    declaredContentType: "video/mp4",
    declaredSizeBytes: bytes.length,
    allowedContentTypes: ["video/mp4"],
    derivatives: [
      thumbnail,
      { name: "preview", of: "image", width: 50, height: 50, fit: "contain" },
      { name: "poster", of: "video", width: 160, height: 160, fit: "contain", format: "jpeg" },
    ],
    ...more,
  });

function redFilm(): Buffer {
  const path = join(folder, "red.mp4");
  const source = ["-f", "lavfi", "-i", "color=c=red:s=320x180:d=2:r=10", "-pix_fmt", "yuv420p"];
  const { status, stderr } = spawnSync(ffmpeg ?? "", ["-v", "error", "-y", ...source, path]);
  assert.equal(status, 0, String(stderr));
  return readFileSync(path);
}

test("a film has the pictures of films, made of a frame of it, and a thumbhash", { skip }, async () => {
  const inspection = await inspect(redFilm());
  assertAccepted(inspection);
  assert.deepEqual(
    inspection.derivatives.map(({ name, contentType, width, height }) => [name, contentType, width, height]),
    [
      ["thumbnail", "image/webp", 100, 56],
      ["poster", "image/jpeg", 160, 90],
    ],
  );
  const [{ bytes } = assert.fail()] = inspection.derivatives;
  const [red = 0, green = 255] = await sharp(bytes).raw().toBuffer();
  assert.ok(red > 200 && green < 60, `${red}, ${green}`);
  const { thumbhash, undrawn, width, height } = inspection.video ?? {};
  assert.match(thumbhash ?? "", /^[A-Za-z0-9+/]+=*$/);
  assert.deepEqual([undrawn, width, height], [undefined, 320, 180]);
  assert.ok(readdirSync(temporaryDirectory).every((name) => name === "inspection-decoders"));
});

test("a film of which no frame can be taken is kept without pictures, and says so", { skip }, async () => {
  const inspection = await inspect(film());
  assertAccepted(inspection);
  assert.deepEqual([inspection.video?.undrawn, inspection.derivatives], ["no-frame", []]);
});

test("no frame is taken where nothing is to be made of it", { skip }, async () => {
  const inspection = await inspect(film(), { derivatives: [{ ...thumbnail, of: "image" }] });
  assertAccepted(inspection);
  assert.equal(inspection.video?.undrawn, undefined);
});

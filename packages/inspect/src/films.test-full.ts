// Films made by ffmpeg, held to what ffprobe says of them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  assertAccepted,
  assertRejected,
  inspectBytes,
  inspectorFor,
  temporaryDirectory,
} from "./inspect-bytes.test-data.ts";

const directory = temporaryDirectory({ after });
const inspector = inspectorFor({ after });

const source = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=10:duration=3"];
const films: readonly (readonly [
  name: string,
  contentType: string,
  args: readonly string[],
  size: readonly [number, number],
])[] = [
  ["movie at the end", "video/mp4", [...source, "-c:v", "libx264", "a.mp4"], [320, 180]],
  [
    "movie at the beginning",
    "video/mp4",
    [...source, "-c:v", "libx264", "-movflags", "faststart", "b.mp4"],
    [320, 180],
  ],
  ["QuickTime", "video/quicktime", [...source, "-c:v", "libx264", "c.mov"], [320, 180]],
  ["oblong pixels", "video/mp4", [...source, "-vf", "setsar=2", "-c:v", "libx264", "d.mp4"], [640, 180]],
  [
    "fragments with their length",
    "video/mp4",
    [...source, "-c:v", "libx264", "-movflags", "frag_keyframe+empty_moov+default_base_moof", "e.mp4"],
    [320, 180],
  ],
  ["WebM", "video/webm", [...source, "-c:v", "libvpx", "f.webm"], [320, 180]],
  [
    "WebM with oblong pixels",
    "video/webm",
    [...source, "-vf", "setsar=2", "-c:v", "libvpx", "g.webm"],
    [640, 180],
  ],
  ["live WebM", "video/webm", [...source, "-c:v", "libvpx", "-live", "1", "h.webm"], [320, 180]],
];

for (const [what, contentType, args, size] of films) {
  test(`${what}: is read as ffprobe reads it, and refused where it is cut`, async () => {
    execFileSync("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args], { cwd: directory });
    const path = join(directory, args.at(-1) ?? "");
    const bytes = readFileSync(path);
    const allowed = { allowedContentTypes: [contentType] };
    const inspection = await inspectBytes(inspector, bytes, contentType, allowed);
    assertAccepted(inspection);
    const { durationMs, width, height } = inspection.video ?? {};
    assert.deepEqual([width, height], size);
    const probed = execFileSync("ffprobe", [
      "-v",
      "error",
      "-show_entries",
      "format=duration",
      "-of",
      "csv=p=0",
      path,
    ]);
    const seconds = Number(probed.toString());
    if (durationMs !== undefined)
      assert.ok(Math.abs(durationMs - seconds * 1000) < 150, `${durationMs} for ${seconds} s`);
    else assert.match(what, /fragments|live/);
    const cut = await inspectBytes(inspector, bytes.subarray(0, -200), contentType, allowed);
    if (what !== "live WebM") assertRejected(cut, "corrupt");
  });
}

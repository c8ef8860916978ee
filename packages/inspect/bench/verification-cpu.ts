// CPU of inspecting a 12-megapixel JPEG with a thumbnail and a preview, both processes counted, against the
// `vipsthumbnail` program making the same two at the same quality and effort, one run each; where it is not
// installed, against two separate sharp pipelines in a warm process, which pay for no start.
// Linux only. node --conditions=source packages/inspect/bench/verification-cpu.ts [rounds]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { createInspector } from "../src/index.ts";
import { photo } from "../src/made-images.test-data.ts";
import { cpuMilliseconds as cpuMillisecondsOfLiving } from "./process-tree.ts";

const rounds = Number(process.argv[2] ?? 8);
const quality = 80;
const effort = 2;
const sides = [320, 1600];
const millisecondsPerTick = 10;

const directory = mkdtempSync(join(tmpdir(), "stowage-bench-"));
const path = join(directory, "photo.jpg");
writeFileSync(path, await photo(4000, 3000).jpeg({ quality: 90 }).toBuffer());
const bytes = readFileSync(path);
sharp.cache(false);
sharp.concurrency(1);

const inspector = createInspector({
  temporaryDirectory: join(directory, "inspect"),
  webpQuality: quality,
  webpEffort: effort,
});

async function inspect(): Promise<void> {
  const inspection = await inspector.inspect({
    body: (async function* () {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
    })(),
    declaredContentType: "image/jpeg",
    declaredSizeBytes: bytes.length,
    allowedContentTypes: ["image/jpeg"],
    derivatives: sides.map((side) => ({ name: `${side}`, width: side, height: side, fit: "contain" })),
  });
  if (inspection.verdict !== "accepted") throw new Error(inspection.detail);
}

const hasProgram = spawnSync("vipsthumbnail", ["--version"]).status === 0;

async function peer(): Promise<void> {
  for (const side of sides) {
    const output = join(directory, `${side}.webp`);
    if (hasProgram) {
      const options = [
        "--size",
        `${side}x${side}`,
        "-o",
        `${output}[Q=${quality},effort=${effort},strip]`,
        path,
      ];
      const { status, stderr } = spawnSync("vipsthumbnail", options, { env: { VIPS_CONCURRENCY: "1" } });
      if (status !== 0) throw new Error(String(stderr));
    } else {
      const image = sharp(path, { autoOrient: true }).resize(side, side, { fit: "inside" });
      await image.webp({ quality, effort }).toFile(output);
    }
  }
}

/** Of this process, of what descends from it and lives, and of its children that ended, in milliseconds. */
function cpuMilliseconds(): number {
  // After the process's name: its state, its parent, …, the four times as fields 14 to 17 of proc(5).
  const [, fields = ""] = readFileSync("/proc/self/stat", "latin1").split(") ");
  const [endedUser = 0, endedSystem = 0] = fields.split(" ").slice(13, 15).map(Number);
  return cpuMillisecondsOfLiving() + (endedUser + endedSystem) * millisecondsPerTick;
}

async function measure(work: () => Promise<void>): Promise<number> {
  const before = cpuMilliseconds();
  for (let file = 0; file < 3; file += 1) await work();
  return (cpuMilliseconds() - before) / 3;
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

await inspect();
await peer();
const pairs: { ours: number; theirs: number }[] = [];
for (let round = 0; round < rounds; round += 1) {
  pairs.push({ ours: await measure(inspect), theirs: await measure(peer) });
}
const ratio = median(pairs.map(({ ours, theirs }) => ours / theirs));
console.log(`photo            ${(bytes.length / 1e6).toFixed(1)} MB, 4000 × 3000`);
console.log(`inspect          ${median(pairs.map(({ ours }) => ours)).toFixed(0)} ms CPU`);
console.log(
  `${hasProgram ? "vipsthumbnail × 2" : "sharp × 2, warm "} ${median(pairs.map(({ theirs }) => theirs)).toFixed(0)} ms CPU`,
);
console.log(`median of ratios ${ratio.toFixed(2)}`);
await inspector.close();
rmSync(directory, { recursive: true });

// Nothing that is sent may cost more than its own verdict: every hostile file ends in bounded time and memory, nothing
// is fetched for it, and the next good one is decoded.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { bombs, cut, fetchingSvgs, flipped, type HostileFile } from "./hostile-files.test-data.ts";
import {
  assertAccepted,
  everyImage,
  inspectBytes,
  inspectorFor,
  temporaryDirectory,
} from "./inspect-bytes.test-data.ts";
import type { Inspection, Inspector } from "./inspection.ts";
import { quarters, seededRandom } from "./made-images.test-data.ts";
import { watchDecoders } from "./watch-decoders.test-data.ts";

const isFull = process.env.STOWAGE_TEST_LEVEL === "full";
const corpus = process.env.STOWAGE_CORPUS ?? "";
const skip = corpus ? false : "STOWAGE_CORPUS is not set: cut and flipped copies of its files are left out";

const decodeTimeoutMs = 5000;
const maxMemoryBytes = 2 ** 29;
/** Between two looks at a process it may take more. */
const overshootBytes = 2 ** 28;
/** A machine that is busy with other tests starts a process in no less. */
const startMs = 20_000;

const allowedContentTypes = [
  ...everyImage,
  "image/heic",
  "image/svg+xml",
  "application/pdf",
  "application/zip",
];
const derivatives = [
  { name: "thumbnail", width: 320, height: 320, fit: "contain" },
  { name: "page", of: "document", width: 1600, height: 1600, fit: "contain" },
] as const;
const good = await quarters(64, 64).png().toBuffer();

const inspect = (inspector: Inspector, { bytes, contentType }: HostileFile): Promise<Inspection> =>
  inspectBytes(inspector, bytes, contentType, { allowedContentTypes, derivatives });

async function assertServes(inspector: Inspector, after: string): Promise<void> {
  const inspection = await inspect(inspector, { name: "good", contentType: "image/png", bytes: good });
  assertAccepted(inspection);
  assert.equal(inspection.derivatives.length, 1, after);
}

test("each bomb ends in bounded time and memory, and the next file is decoded", async (t) => {
  const inspector = inspectorFor(t, { decodeTimeoutMs, maxMemoryBytes });
  const watch = watchDecoders();
  t.after(() => watch.stop());
  for (const bomb of bombs()) {
    assert.ok(bomb.bytes.length < 2_000_000, `${bomb.name} is small: ${bomb.bytes.length}`);
    const startedMs = performance.now();
    const inspection = await inspect(inspector, bomb);
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs < decodeTimeoutMs + startMs, `${bomb.name} took ${tookMs} ms`);
    if (inspection.verdict === "rejected") assert.match(inspection.detail, /^[A-Z].+\.$/, bomb.name);
    await assertServes(inspector, bomb.name);
  }
  t.diagnostic(`decoders: ${Math.round(watch.peakBytes() / 2 ** 20)} MiB at most`);
  assert.ok(watch.peakBytes() < maxMemoryBytes + overshootBytes, String(watch.peakBytes()));
});

test("nothing is fetched for an SVG, and no file is read for it", async (t) => {
  const inspector = inspectorFor(t);
  const canary = join(temporaryDirectory(t), "canary.png");
  const red = { r: 255, g: 0, b: 0 };
  const canaryBytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: red } })
    .png()
    .toBuffer();
  writeFileSync(canary, canaryBytes);
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.end(canaryBytes);
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/canary.png`;
  assert.equal((await fetch(url)).status, 200);
  for (const svg of fetchingSvgs(url, pathToFileURL(canary).href)) {
    const inspection = await inspect(inspector, svg);
    if (inspection.verdict === "accepted")
      for (const { bytes } of inspection.derivatives) {
        const { channels } = await sharp(bytes).flatten({ background: "#ffffff" }).stats();
        const [r, g] = channels;
        assert.ok(r && g && r.mean - g.mean < 100, `${svg.name}: the canary is to be seen`);
      }
  }
  assert.equal(requests, 1);
});

const contentTypes = new Map([
  [".jpg", "image/jpeg"],
  [".jpeg", "image/jpeg"],
  [".png", "image/png"],
  [".webp", "image/webp"],
  [".gif", "image/gif"],
  [".tif", "image/tiff"],
  [".tiff", "image/tiff"],
  [".avif", "image/avif"],
  [".heic", "image/heic"],
  [".pdf", "application/pdf"],
  [".svg", "image/svg+xml"],
  [".zip", "application/zip"],
]);

/** Two hundred files of every folder and kind, always the same. */
function chosenFiles(): readonly HostileFile[] {
  const all = ["images", "orientation", "pdf", "pngsuite", "types"].flatMap((folder) =>
    readdirSync(join(corpus, folder)).map((name) => join(corpus, folder, name)),
  );
  const random = seededRandom(6);
  const known = all
    .map((path) => ({ path, contentType: contentTypes.get(/\.\w+$/.exec(path.toLowerCase())?.[0] ?? "") }))
    .map((file) => ({ ...file, order: random() }))
    .toSorted((a, b) => a.order - b.order);
  return known.flatMap(({ path, contentType }) =>
    contentType ? [{ name: path.slice(corpus.length + 1), contentType, bytes: readFileSync(path) }] : [],
  );
}

test("cut and flipped copies of 200 real files end in a verdict, in bounded time and memory", {
  skip,
}, async (t) => {
  const inspector = inspectorFor(t, { decodeTimeoutMs: 15_000, maxMemoryBytes });
  const watch = watchDecoders();
  t.after(() => watch.stop());
  const random = seededRandom(1);
  const files = chosenFiles().slice(0, 200);
  assert.equal(files.length, 200);
  const verdicts = new Map<string, number>();
  for (const file of files) {
    for (let copies = 0; copies < (isFull ? 3 : 1); copies += 1) {
      for (const [how, bytes] of [
        ["cut", cut(file.bytes, random)],
        ["flipped", flipped(file.bytes, random)],
      ] as const) {
        const startedMs = performance.now();
        const inspection = await inspect(inspector, { ...file, bytes });
        const tookMs = performance.now() - startedMs;
        assert.ok(tookMs < 15_000 + startMs, `${file.name}, ${how}: ${tookMs} ms`);
        const verdict = inspection.verdict === "rejected" ? inspection.code : inspection.verdict;
        verdicts.set(`${how} ${verdict}`, (verdicts.get(`${how} ${verdict}`) ?? 0) + 1);
      }
    }
  }
  await assertServes(inspector, "all of them");
  t.diagnostic(JSON.stringify(Object.fromEntries(verdicts)));
  t.diagnostic(`decoders: ${Math.round(watch.peakBytes() / 2 ** 20)} MiB at most`);
  assert.ok((verdicts.get("cut corrupt") ?? 0) > 50 && (verdicts.get("flipped corrupt") ?? 0) > 50);
  assert.ok(watch.peakBytes() < maxMemoryBytes + overshootBytes, String(watch.peakBytes()));
});

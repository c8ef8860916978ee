// CPU of inspecting the PDFs of a folder with a thumbnail and a page, both processes counted; the first round, which
// loads WebAssembly and warms it up, is left out. Linux only.
// node --conditions=source packages/inspect/bench/pdf-cpu.ts FOLDER [rounds]
import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInspector } from "../src/index.ts";
import { cpuMilliseconds, residentMegabytesOfDescendants } from "./process-tree.ts";

const [folder = ".", roundsText = "3"] = process.argv.slice(2);
const directory = await mkdtemp(join(tmpdir(), "stowage-bench-"));
const inspector = createInspector({ temporaryDirectory: directory });
const names = readdirSync(folder).filter((name) => name.endsWith(".pdf"));

async function inspect(name: string): Promise<boolean> {
  const path = join(folder, name);
  const inspection = await inspector.inspect({
    body: (async function* () {
      yield readFileSync(path);
    })(),
    declaredContentType: "application/pdf",
    declaredSizeBytes: statSync(path).size,
    allowedContentTypes: ["application/pdf"],
    derivatives: [
      { name: "thumbnail", width: 320, height: 320, fit: "contain" },
      { name: "page", of: "document", width: 1600, height: 1600, fit: "contain" },
    ],
  });
  return inspection.verdict === "accepted" && inspection.derivatives.length === 2;
}

for (let round = 0; round <= Number(roundsText); round += 1) {
  const costs: number[] = [];
  let mostMegabytes = 0;
  for (const name of names) {
    const before = cpuMilliseconds();
    const isDrawn = await inspect(name);
    const cost = cpuMilliseconds() - before;
    // Less than before: the process made way for a fresh one.
    if (isDrawn && cost > 0) costs.push(cost);
    mostMegabytes = Math.max(mostMegabytes, residentMegabytesOfDescendants());
  }
  const sorted = costs.toSorted((a, b) => a - b);
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  const figures = [
    `${costs.length} drawn`,
    `mean ${mean.toFixed(0)} ms`,
    `median ${sorted[Math.floor(sorted.length / 2)]?.toFixed(0)} ms`,
    `most ${sorted.at(-1)?.toFixed(0)} ms`,
    `${mostMegabytes.toFixed(0)} MB resident at most`,
  ];
  console.log(`${round === 0 ? "warm-up" : `round ${round}`}: ${figures.join(", ")}`);
}
await inspector.close();
await rm(directory, { recursive: true, force: true });

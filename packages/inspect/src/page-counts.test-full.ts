// Page counts of real documents against another reader's: pdfinfo, of Debian's poppler-utils.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createReadStream, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { inspectorFor } from "./inspect-bytes.test-data.ts";

const corpus = process.env.STOWAGE_CORPUS ?? "";
const skip = corpus ? false : "STOWAGE_CORPUS is not set: pdf is left out";
const inspector = inspectorFor({ after });

async function ownCountOf(path: string): Promise<number | undefined> {
  const inspection = await inspector.inspect({
    body: createReadStream(path),
    declaredContentType: "application/pdf",
    declaredSizeBytes: statSync(path).size,
    allowedContentTypes: ["application/pdf"],
    derivatives: [],
  });
  return inspection.verdict === "accepted" ? inspection.document?.pageCount : undefined;
}

/** @returns `undefined` where it can't open the file either */
function otherCountOf(path: string): number | undefined {
  const { status, stdout, error } = spawnSync("pdfinfo", [path], { encoding: "latin1" });
  if (error) throw error;
  const count = /^Pages:\s+(\d+)$/m.exec(stdout)?.[1];
  return status === 0 && count !== undefined ? Number(count) : undefined;
}

test("documents have as many pages as another reader finds in them", { skip }, async () => {
  const counts = { compared: 0, onlyHere: [] as string[] };
  for (const name of readdirSync(join(corpus, "pdf")).filter((entry) => entry.endsWith(".pdf"))) {
    const path = join(corpus, "pdf", name);
    const [own, other] = [await ownCountOf(path), otherCountOf(path)];
    if (own !== undefined && other === undefined) counts.onlyHere.push(name);
    if (own === undefined || other === undefined) continue;
    assert.equal(own, other, name);
    counts.compared += 1;
  }
  assert.ok(counts.compared >= 100, JSON.stringify(counts));
});

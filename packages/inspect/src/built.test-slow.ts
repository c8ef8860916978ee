import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { inspectBytes, temporaryDirectory } from "./inspect-bytes.test-data.ts";
import { quarters } from "./made-images.test-data.ts";

const built = new URL("../dist/index.js", import.meta.url);

test("the built package finds its built decoding process", {
  skip: !existsSync(built) && "packages/inspect/dist is not built",
}, async (t) => {
  const { createInspector }: typeof import("./index.ts") = await import(built.href);
  const inspector = createInspector({ temporaryDirectory: temporaryDirectory(t) });
  t.after(() => inspector.close());
  const inspection = await inspectBytes(inspector, await quarters(20, 10).png().toBuffer(), "image/png");
  assert.equal(inspection.verdict, "accepted");
});

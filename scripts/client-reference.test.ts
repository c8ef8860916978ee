import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { declarationsOf, referenceOf } from "./client-reference.ts";

const root = join(import.meta.dirname, "..");
const made = referenceOf(join(root, "packages/client"));

test("the client's reference is that of its types (npm run client-reference makes it anew)", () => {
  assert.equal(readFileSync(join(root, "docs/client-reference.md"), "utf8"), made);
});

test("the client's types say what everything is: there is no any among them", () => {
  const withoutComments = made.replace(/\/\*[\s\S]*?\*\//g, "");
  assert.doesNotMatch(withoutComments, /[:<|,(]\s*any\b/);
  assert.match(made, /### createClient\n/);
});

test("follows re-exports, and takes along what is said of each", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "stowage-reference-"));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(
    join(directory, "a.d.ts"),
    "/** Of a. */\nexport interface A {\n  /** In metres. */\n  b: number;\n}\n",
  );
  writeFileSync(
    join(directory, "index.d.ts"),
    'export { A as Renamed } from "./a.ts";\nexport * from "./a.ts";\nexport type { Other } from "elsewhere";\n/** Of c. */\nexport declare const c: number;\n',
  );
  const a = "/** Of a. */\ninterface A {\n  /** In metres. */\n  b: number;\n}";
  assert.deepEqual(declarationsOf(join(directory, "index.d.ts")), [
    { name: "Renamed", text: a },
    { name: "A", text: a },
    { name: "c", text: "/** Of c. */\nconst c: number;" },
  ]);
});

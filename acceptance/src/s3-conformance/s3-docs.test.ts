import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { s3DocsFile, withSuiteSections } from "./s3-docs.ts";

test("docs/s3.md says what the suite declares", async () => {
  const document = await readFile(s3DocsFile, "utf8");
  assert.equal(
    document,
    withSuiteSections(document),
    "run: npx node acceptance/src/s3-conformance/write-docs.ts",
  );
});

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { checkWorkspace, type Violation } from "./arrows.ts";

function violationsOf(
  name: string,
  source: string,
  fileName = "a.ts",
  devDependencies: string[] = [],
): Violation[] {
  const directory = mkdtempSync(join(tmpdir(), "stowage-arrows-"));
  try {
    const file = join(directory, "src", fileName);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source);
    const dependencies = ["zod", "@stowage/protocol", "@stowage/core", "@stowage/fault-proxy"];
    return checkWorkspace({ name, directory, dependencies, devDependencies }, [file]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const wrongOnes: [string, string, string, RegExp][] = [
  ["an arrow that points the wrong way, though declared", "protocol", 'import "@stowage/core";', /arrow/],
  ["a package of ours that is not declared", "s3", 'import { x } from "@stowage/sigv4";', /not declared/],
  ["a foreign package that is not declared", "core", 'import x from "lodash";', /not declared/],
  ["a path into another package", "core", 'import "../../sql/src/index.ts";', /leaves its package/],
  ["a re-export of a wrong package", "protocol", 'export * from "@stowage/core";', /arrow/],
  ["a dynamic import of a wrong package", "protocol", 'await import("@stowage/core");', /arrow/],
  ["a type import of a wrong package", "protocol", 'import type { X } from "@stowage/core";', /arrow/],
  ["a deep import of a wrong package", "protocol", 'import "@stowage/core/testing";', /arrow/],
  ["I/O in a pure package", "core", 'import { readFileSync } from "node:fs";', /I\/O/],
  ["a value where only types may go", "client", 'import { uploadSchema } from "@stowage/protocol";', /types/],
  ["product code in the black-box suite", "acceptance", 'import "@stowage/protocol";', /arrow/],
  ["what tests alone may use, in what is shipped", "client", 'import "@stowage/fault-proxy";', /for tests/],
  ["the same at a composition root", "stowage", 'import "@stowage/fault-proxy";', /for tests/],
  ["a composition root imported from below", "api", 'import "stowage";', /arrow/],
];
for (const [what, workspace, source, why] of wrongOnes)
  test(`refuses ${what}`, () => {
    const violations = violationsOf(workspace, source);
    assert.equal(violations.length, 1);
    assert.match(violations[0]?.why ?? "", why);
  });

test("lets declared arrows, types and neighbours pass", () => {
  assert.deepEqual(violationsOf("core", 'import { z } from "@stowage/protocol"; import "./b.ts";'), []);
  assert.deepEqual(violationsOf("client", 'import type { Upload } from "@stowage/protocol";'), []);
});

test("lets the client's Node entry, and nothing else of the client, do I/O", () => {
  const source = 'import { open } from "node:fs/promises"; import "./node-part.ts";';
  assert.deepEqual(violationsOf("client", source, "node/node-source.ts"), []);
  for (const elsewhere of ["node.ts", "nodes/a.ts", "browser/node/a.ts", "queue/a.ts"])
    assert.match(violationsOf("client", source, elsewhere)[0]?.why ?? "", /I\/O/);
  assert.match(violationsOf("core", source, "node/a.ts")[0]?.why ?? "", /I\/O/);
});

test("refuses portable code that imports the client's Node entry", () => {
  const source = 'import { nodeClock } from "./node/node-clock.ts";';
  assert.match(violationsOf("client", source, "client.ts")[0]?.why ?? "", /platform/);
  assert.deepEqual(violationsOf("client", source, "client.test.ts"), []);
});

test("lets a test, and only a test, use development packages and node", () => {
  const source = 'import "node:fs"; import "fast-check"; import "sharp";';
  assert.deepEqual(violationsOf("core", source, "a.test.ts", ["sharp"]), []);
  assert.equal(violationsOf("core", source, "a.ts", ["sharp"]).length, 3);
});

test("lets tests, the black-box suite and the benches use what is never shipped, where they declare it", () => {
  const source = 'import "@stowage/fault-proxy";';
  assert.deepEqual(violationsOf("react", source, "a.test.ts"), []);
  assert.deepEqual(violationsOf("client", source, "a.contract.ts"), []);
  for (const name of ["acceptance", "bench"]) assert.deepEqual(violationsOf(name, source), []);
});

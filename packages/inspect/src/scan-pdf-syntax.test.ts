import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scanPdfSyntax } from "./scan-pdf-syntax.ts";

const found = (text: string): string[] => [...scanPdfSyntax(Buffer.from(text, "latin1"))];

test("names are found however they are written, and not within comments, strings and streams", () => {
  assert.deepEqual(found("<</S/Launch>>"), ["launch"]);
  assert.deepEqual(found("<</S /#4cau#6Ech /F(x)>>"), ["launch"]);
  assert.deepEqual(found("/Launch"), ["launch"]);
  assert.deepEqual(found("% /Launch\n/XFA"), ["xfa"]);
  assert.deepEqual(found("(/Launch (nested) \\) /Launch) /XFA"), ["xfa"]);
  assert.deepEqual(found("<<>>stream\n/Launch\nendstream /XFA"), ["xfa"]);
  assert.deepEqual(found("/Launcher /SLaunch /S/launch"), []);
});

test("a string that never ends hides nothing", () => {
  assert.deepEqual(found("( /Launch"), ["launch"]);
  assert.deepEqual(found("( () ( /Launch (/XFA)"), ["launch", "xfa"]);
});

test("a million brackets, slashes and streams take no more than a moment", () => {
  for (const piece of ["(", "((", "\\(", "/", "%", "stream\n", "(a)", "#"]) {
    const startedMs = performance.now();
    scanPdfSyntax(Buffer.from(piece.repeat(1_000_000), "latin1"));
    assert.ok(performance.now() - startedMs < 10_000, piece);
  }
});

test("whatever the bytes are, the scan ends, and a name at the end of them is found", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      // A line's end ends comments; the others could go on.
      const text = Buffer.from(bytes)
        .toString("latin1")
        .replace(/[(]|stream/g, " ");
      assert.ok(found(`${text}\n/Launch `).includes("launch"));
    }),
  );
});

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

test("of several objects with one number all count, and references that go round in circles end", () => {
  const link = "<</S/URI/URI 1 0 R>>";
  assert.deepEqual(found(`1 0 obj(http://x)endobj 1 0 obj(javascript:x)endobj ${link}`), ["javascript"]);
  assert.deepEqual(found(`1 0 obj 2 0 R endobj 2 0 obj 1 0 R endobj ${link}`), []);
  assert.deepEqual(found(`1 0 obj 7 endobj 2 0 obj(javascript:x)endobj ${link}`), []);
});

test("a chain of actions that goes on and on is said to lead elsewhere", () => {
  const chain = Array.from({ length: 100 }, (_, n) => `${n} 0 obj<</S/GoTo/Next ${n + 1} 0 R>>endobj `);
  assert.deepEqual(found(`${chain.join("")}<</OpenAction 0 0 R>>`), ["external"]);
  assert.deepEqual(found(`${chain.slice(0, 10).join("")}<</OpenAction 0 0 R>>`), []);
});

test("what PDFium has written is read by its streams' lengths, whatever they say of their ends", () => {
  const content = "endstream ( ";
  const hidden = `<</Length ${content.length}>>stream\n${content}\nendstream <</S/Launch>>`;
  assert.deepEqual([...scanPdfSyntax(Buffer.from(hidden), true)], ["launch"]);
  assert.deepEqual(
    [...scanPdfSyntax(Buffer.from("<</Length 99>>stream\n\nendstream <</S/Launch>>"), true)],
    ["launch"],
  );
});

test("dictionaries and arrays that do not end, or end what is not open, hide nothing", () => {
  const link = "<</S/URI/URI(javascript:x)>>";
  for (const before of [
    "<<",
    "[",
    ">>",
    "]",
    "<</A[",
    "[<<",
    "<</A",
    "1 0 obj<<",
    "<</S/URI/URI 1 0",
    "<".repeat(9),
  ])
    assert.deepEqual(found(`${before} 2 0 obj ${link} endobj`), ["javascript"], before);
  assert.deepEqual(found("1 0 obj<</S/URI/URI(javascript:x) endobj"), ["javascript"]);
});

test("whatever objects are made of, the walk ends, and the next one is read", () => {
  const pieces =
    "<<|>>|[|]|/AA|/Next|/OpenAction|/F|/EF|5 0 R|5 0 obj|endobj|(a)|<41>|/S/URI|stream\nx endstream|7|true";
  const piece = fc.constantFrom(...pieces.split("|"));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (tokens) => {
      const text = `${tokens.join(" ")}\n9 0 obj<</S/URI/URI(javascript:x)>>endobj`;
      for (const isRewritten of [false, true])
        assert.ok(scanPdfSyntax(Buffer.from(text), isRewritten).has("javascript"), text);
    }),
  );
});

test("a million brackets, slashes and streams take no more than a moment", () => {
  for (const piece of [
    "(",
    "((",
    "\\(",
    "/",
    "%",
    "stream\n",
    "(a)",
    "#",
    "<<",
    "<",
    "[",
    "[>>",
    "<<>>",
    "/AA<</O 5 0 R",
    "5 0 obj<</Next 5 0 R",
  ]) {
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

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scanPdf, scanPdfSyntax } from "./scan-pdf-syntax.ts";

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

test("of entries with one key all count, wherever their dictionary stands", () => {
  assert.deepEqual(found("<</F(x)/S/Thread/S/GoTo>>"), ["external"]);
  assert.deepEqual(found("<</URI(javascript:x)/URI(http://x)>>"), ["javascript"]);
  assert.deepEqual(found("<</OpenAction<</S/URI/URI(http://x)/S/GoTo>>>>"), ["external"]);
  assert.deepEqual(found("<</OpenAction<</S/GoTo/Next<</S/URI>>/Next<</S/GoTo>>>>>>"), ["external"]);
  assert.deepEqual(found("<</AA<</O<</S/URI>>/O<</S/GoTo>>>>>>"), ["external"]);
  assert.deepEqual(found("<</JS(x)/S/Rendition/S/GoTo>>"), ["media", "javascript"]);
});

test("what is too much to be followed is said to lead elsewhere", () => {
  const nothing = "<</S/GoTo>>";
  const action = (items: number): string => `<</OpenAction[${nothing.repeat(items)}]>>`;
  assert.deepEqual(found(action(9000)), []);
  assert.deepEqual(found(action(20_000)), ["external"]);
  // What nothing asks for is not kept: it may be as long as it likes.
  assert.deepEqual(found(`<</Kids[${nothing.repeat(30_000)}]>>`), []);
  assert.deepEqual(found(`<<${"/F/a".repeat(30_000)}>>`), ["external"]);
  assert.deepEqual(found("<</URI 8388607 0 R>> 8388607 0 obj(http://x)"), []);
  assert.deepEqual(found("<</URI 8388608 0 R>> 8388608 0 obj(http://x)"), ["external"]);
  const links = (count: number): string => Array.from({ length: count }, (_, n) => `/URI ${n} 0 R`).join("");
  assert.deepEqual(found(links(10)), []);
  assert.deepEqual(found(`<<${links(10_000)}>>`), []);
  const lines = Array.from({ length: 270_000 }, (_, n) => `<</URI ${n} 0 R>>`);
  assert.deepEqual(found(lines.join("")), ["external"]);
  const asksAll = "<</URI 1 0 R/EF 1 0 R/Subtype 1 0 R/S 1 0 R/OpenAction 1 0 R/AA 1 0 R/F(x)>>";
  assert.deepEqual(found(`${asksAll} 1 0 obj[${"0 ".repeat(9999)}]`), []);
  assert.deepEqual(found(`${asksAll} 1 0 obj[${"0 ".repeat(400_000)}]`), ["external"]);
});

/** Of a PDF and what reading it took: how many of its bytes were looked at, each time counted. */
function countingReads(text: string): { readonly bytes: Buffer; readonly reads: () => number } {
  const plain = Buffer.from(text, "latin1");
  let reads = 0;
  const textOf = (encoding: "latin1", from = 0, to = plain.length): string => {
    reads += Math.max(0, Math.min(to, plain.length) - from);
    return plain.toString(encoding, from, to);
  };
  const indexOf = (word: string, from: number): number => {
    const at = plain.indexOf(word, from);
    reads += (at === -1 ? plain.length : at + word.length) - from;
    return at;
  };
  const bytes = new Proxy(plain, {
    get(_, property) {
      if (property === "length") return plain.length;
      if (property === "toString") return textOf;
      if (property === "indexOf") return indexOf;
      assert.ok(typeof property === "string" && /^\d+$/.test(property), String(property));
      reads += 1;
      return plain[Number(property)];
    },
  });
  return { bytes, reads: () => reads };
}

/** `#` is the number of the round; of `A…B` the first piece goes before all of the other. */
const growing: readonly (readonly [name: string, ...pieces: readonly string[]])[] = [
  [
    "objects behind a parenthesis that never ends, each asked for",
    "9 0 obj\n(",
    "# 0 obj (x\n",
    "<</URI # 0 R>>",
  ],
  ["a key that comes again behind a long list", "9 0 obj<</OpenAction[", "/a", "]", "/F/a"],
  ["a key that comes again with a long list each", "<<", "/OpenAction[/a/a/a/a]/F/a"],
  ["a key that comes again under a long string", "<</URI(", "x", ")", "/F/a"],
  [
    "many objects with one number, asked in every way",
    "<</URI 1 0 R/EF 1 0 R/S 1 0 R/AA 1 0 R/Subtype 1 0 R>>",
    "1 0 obj [/a]",
  ],
  ["chains of references", "<</OpenAction 0 0 R>>", "# 0 obj #1 0 R endobj"],
  ["chains of references that begin everywhere", "<</URI # 0 R>># 0 obj #1 0 R endobj"],
  [
    "actions that are each other's next ones",
    "<</OpenAction # 0 R>>",
    "# 0 obj<</S/GoTo/Next[#1 0 R # 0 R]>>endobj",
  ],
  ["lists that all refer to all", "<</OpenAction 0 0 R>>", "# 0 obj[", "# 0 R ", "]"],
  ["deep nesting", "<</OpenAction", "<</Next", "<</AA", ">>"],
  ["deep nesting that is looked at from each depth", "<</AA<</O<</OpenAction<</Next"],
  ["lists in lists", "<</OpenAction", "[", "]"],
  ["lists that no one closes", "# 0 obj<</Next[<</OpenAction # 0 R"],
  ["dictionaries that are closed too often", "<</AA[", "[[[>>"],
  ["long names", "<</S/", "#41", ">>", "<</S/#4c#61aunch 0 0 R>>"],
  ["comments behind dictionaries", "# 0 obj<</F 1 0 R>>% >>\n"],
  ["white space behind dictionaries", "<</F 1 0 R>>", "  \n", "<</F(x)>>"],
  ["comments in which everything stands", "% # 0 obj <</URI # 0 R>>"],
  ["streams that do not end, asked for", "<</URI # 0 R>>", "# 0 obj stream\n"],
  ["streams that end together", "<</F # 0 R>>", "# 0 obj<<>>stream\n", "endstream"],
  ["streams as long as line ends are many", "# 0 obj<</Length 30000>>stream\nendstream ", "\r\n".repeat(50)],
  ["strings in hexadecimal that do not end", "<</URI # 0 R>>", "# 0 obj<41"],
  ["strings that nest", "<</URI", "(", ")"],
  ["strings that do not end behind those that do", "<</URI # 0 R>># 0 obj(a)", "(\\("],
  ["numbers that are no objects", "# 0 # 0 # 0 R obj"],
  ["words", "obj endobj R", "<</S R/Length R"],
  [
    "cross-references that go on",
    "xref\n0 1\n000000000# 00000 n\ntrailer<</Prev # 0 R/XRefStm # 0 R/Root # 0 R>>startxref\n#\n",
  ],
  [
    "object streams that extend one another",
    "# 0 obj<</Type/ObjStm/Extends #1 0 R/N 9/F #1 0 R>>stream\n# 0 #\nendstream endobj",
  ],
];

const grown = (pieces: readonly string[], rounds: number): string =>
  pieces
    .map((piece) =>
      Array.from({ length: rounds }, (_, round) =>
        piece.replaceAll("#1 ", `${round + 1} `).replaceAll("# ", `${round} `),
      ).join(""),
    )
    .join("");

for (const [name, ...pieces] of growing)
  test(`what scanning takes grows as the file does: ${name}`, () => {
    for (const isRewritten of [false, true]) {
      const perByte = [50, 200, 800].map((rounds) => {
        const { bytes, reads } = countingReads(grown(pieces, rounds));
        const { steps } = scanPdf(bytes, isRewritten);
        return (steps + reads()) / bytes.length;
      });
      const [first = 0, , last = 0] = perByte;
      assert.ok(last < 1.5 * first && last < 40, `${perByte.map((each) => each.toFixed(1))} a byte`);
    }
  });

test("what scanning takes is bounded by the file's length, whatever it is made of", () => {
  const names =
    "<<|>>|[|]|(|)|/S|/AA|/O|/Next|/OpenAction|/F|/EF|/URI|# 0 R|1 0 R|# 0 obj|1 0 obj|endobj|(a)|<41>|<41|% |\n";
  const piece = fc.constantFrom(...`${names}|stream\n|endstream|/Length 9|#1 0 R|/JS|\\|true`.split("|"));
  const pieces = fc.array(fc.array(piece, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(pieces, fc.boolean(), (parts, isRewritten) => {
      const text = grown(
        parts.map((part) => `${part.join(" ")} `),
        200,
      );
      const { bytes, reads } = countingReads(text);
      const { steps } = scanPdf(bytes, isRewritten);
      assert.ok((steps + reads()) / bytes.length < 40);
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

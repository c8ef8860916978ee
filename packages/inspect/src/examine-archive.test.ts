import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { assertAccepted, assertRejected, inspectBytes, inspectorFor } from "./inspect-bytes.test-data.ts";
import { archiveExaminer, type MadeEntry, zip } from "./made-archives.test-data.ts";
import { pdf } from "./made-pdfs.test-data.ts";

const examine = archiveExaminer({ after });

test("an ordinary archive is taken, with folders and names of all scripts", async () => {
  const examination = await examine(
    zip([
      { name: "folder/" },
      { name: "folder/notes.txt", content: "some words ".repeat(1000) },
      { name: "写真/á..jpg", content: "x", stored: true, unixMode: 0o100644 },
    ]),
  );
  assert.deepEqual(examination, { verdict: "accepted", contentType: "application/zip", pictures: [] });
  assert.equal((await examine(zip([]))).verdict, "accepted");
});

const unsafe: readonly (readonly [what: string, entries: readonly MadeEntry[], detail: RegExp])[] = [
  ["a name that climbs out", [{ name: "../../etc/cron.d/x" }], /leads out of the folder/],
  ["a name that climbs within", [{ name: "a/../../x" }], /leads out of the folder/],
  ["an absolute name", [{ name: "/etc/passwd" }], /leads out of the folder/],
  ["a drive's letter", [{ name: "C:/x" }], /leads out of the folder/],
  ["a backslash", [{ name: "..\\x" }], /leads out of the folder/],
  ["a control character", [{ name: "a\nb" }], /no system takes/],
  ["a symbolic link", [{ name: "link", content: "/etc", unixMode: 0o120777 }], /a link or a device/],
  ["a device", [{ name: "tty", unixMode: 0o020666 }], /a link or a device/],
  ["an encrypted file", [{ name: "x", content: "x", encrypted: true }], /encrypted/],
  ["another way of packing", [{ name: "x", content: "x", method: 14 }], /packed in a way/],
  ["a name twice", [{ name: "a" }, { name: "a" }], /the same name/],
  ["a name twice, written otherwise", [{ name: "caf\u00e9" }, { name: "cafe\u0301" }], /the same name/],
  ["another name before its bytes", [{ name: "a.txt", localName: "b.exe" }], /not of what it contains/],
  [
    "bytes of another",
    [
      { name: "a", content: "abc" },
      { name: "a", content: "abc", bytesOf: 0 },
    ],
    /same name|share their bytes/,
  ],
  [
    "more than it says",
    [{ name: "a", content: Buffer.alloc(100_000), saidBytes: 10 }],
    /larger than it says/,
  ],
  [
    "too many files",
    Array.from({ length: 10_001 }, (_, index) => ({ name: `${index}` })),
    /more than 10,000 files/,
  ],
  ["a bomb", [{ name: "zeros", content: Buffer.alloc(64 * 1024 * 1024) }], /far too large/],
  ["a bomb that only says so", [{ name: "zeros", content: "x", saidBytes: 2 ** 31 }], /far too large/],
];

for (const [what, entries, detail] of unsafe) {
  test(`an archive with ${what} is not safe`, async () => {
    const examination = await examine(zip(entries));
    assert.equal(examination.verdict, "rejected");
    assert.equal(examination.code, "archive-unsafe", examination.detail);
    assert.match(examination.detail, detail);
  });
}

test("one whose bytes are damaged, cut or fewer than it says is damaged", async () => {
  const whole = zip([{ name: "a.txt", content: "some words ".repeat(100) }]);
  for (const bytes of [
    whole.subarray(0, -1),
    whole.subarray(0, whole.length / 2),
    zip([{ name: "a", content: "abc", crc: 1 }]),
    zip([{ name: "a", content: "abc", saidBytes: 1000 }]),
  ]) {
    const examination = await examine(bytes);
    assert.equal(examination.verdict, "rejected");
    assert.equal(examination.code, "corrupt", examination.detail);
  }
});

test("an entry that says it was read from a pipe, or no kind that there is, is a file", async () => {
  for (const unixMode of [0o010600, 0o177777]) {
    const { verdict } = await examine(zip([{ name: "-", content: "some words", unixMode }]));
    assert.equal(verdict, "accepted");
  }
});

test("an archive that PDF readers open for a document stored in it says that it holds one", async () => {
  const stored = await examine(zip([{ name: "a.pdf", content: pdf(), stored: true }]));
  assert.equal(stored.verdict, "accepted");
  assert.deepEqual(stored.activeContent, ["embedded-files"]);
  const packed = await examine(zip([{ name: "a.pdf", content: pdf() }]));
  assert.equal(packed.verdict, "accepted");
  assert.equal(packed.activeContent, undefined);
});

test("archives within archives are not opened, however deep they go", async () => {
  let inner = zip([{ name: "zeros", content: Buffer.alloc(1_000_000) }]);
  for (let depth = 0; depth < 50; depth += 1) inner = zip([{ name: `${depth}.zip`, content: inner }]);
  const examination = await examine(inner);
  assert.equal(examination.verdict, "accepted");
  assert.deepEqual(examination.activeContent, ["embedded-files"]);
});

test("whatever is cut or flipped, an archive ends in a verdict", async () => {
  const whole = zip([
    { name: "a.txt", content: "some words ".repeat(20) },
    {
      name: "b/c.rels",
      content: '<Relationships><Relationship Target="a.png"/></Relationships>',
      stored: true,
    },
  ]);
  const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 });
  const property = fc.asyncProperty(flips, fc.nat(whole.length), async (changes, end) => {
    const bytes = Buffer.from(changes.length === 0 ? whole.subarray(0, end) : whole);
    for (const [at, value] of changes) bytes[at] = value;
    const examination = await examine(bytes);
    if (examination.verdict === "rejected")
      assert.ok(["archive-unsafe", "corrupt"].includes(examination.code));
  });
  await fc.assert(property, { numRuns: 500 });
});

test("the inspector takes an archive only where it is allowed, and looks through it", async (t) => {
  const inspector = inspectorFor(t);
  const harmless = zip([{ name: "a.txt", content: "a" }]);
  assertRejected(await inspectBytes(inspector, harmless, "application/zip"), "type-not-allowed");
  const allowed = { allowedContentTypes: ["application/zip"] };
  assertAccepted(await inspectBytes(inspector, harmless, "application/zip", allowed));
  assertRejected(
    await inspectBytes(inspector, zip([{ name: "../x" }]), "application/zip", allowed),
    "archive-unsafe",
  );
});

const openDocument = "application/vnd.oasis.opendocument.text";
const script = `<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0"><script:event-listener script:language="ooo:script"/></office:document-content>`;
const archives: readonly (readonly [what: string, bytes: Buffer, activeContent?: readonly string[]])[] = [
  ["an archive of Java's", zip([{ name: "META-INF/MANIFEST.MF", content: "Manifest-Version: 1.0" }])],
  ["a book", zip([{ name: "mimetype", content: "application/epub+zip", stored: true }])],
  [
    "a document with a script",
    zip([
      { name: "mimetype", content: openDocument, stored: true },
      { name: "content.xml", content: script },
    ]),
    ["macros"],
  ],
];

for (const [what, bytes, activeContent] of archives) {
  test(`${what} that was declared as a ZIP file is one where those are allowed, and is looked into as what it is`, async (t) => {
    const inspector = inspectorFor(t);
    const allowed = { allowedContentTypes: ["application/zip"] };
    const inspection = await inspectBytes(inspector, bytes, "application/x-zip-compressed", allowed);
    assertAccepted(inspection);
    assert.equal(inspection.contentType, "application/zip");
    assert.deepEqual(inspection.activeContent, activeContent);
    const images = await inspectBytes(inspector, bytes, "application/zip");
    assertRejected(images, "type-not-allowed");
    const declared = await inspectBytes(inspector, bytes, "image/png", allowed);
    assertRejected(declared, "type-mismatch");
  });
}

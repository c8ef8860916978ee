import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseXml, type XmlElement } from "./parse-xml.ts";
import { S3Error } from "./s3-error.ts";
import { type XmlContent, xmlDocument } from "./xml.ts";

const parse = (xml: string): XmlElement => parseXml(Buffer.from(xml));
const isRefused = (xml: string | Buffer): void =>
  assert.throws(
    () => parseXml(Buffer.from(xml)),
    (error) => error instanceof S3Error && error.code === "MalformedXML",
    String(xml).slice(0, 100),
  );

test("a document is read with its namespace passed over", () => {
  const root = parse(
    '\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<A xmlns="urn:x" xmlns:y=\'z\'>\n <B>1</B><C/><B > 2&#x41;&#66;&amp;</B >\n</A>\n',
  );
  assert.equal(root.name, "A");
  assert.deepEqual(
    root.children.map(({ name, text }) => [name, text]),
    [
      ["B", "1"],
      ["C", ""],
      ["B", " 2AB&"],
    ],
  );
});

for (const xml of [
  "",
  "text",
  "<A>",
  "</A>",
  "<A></B>",
  "<A/><A/>",
  "<A><B></A></B>",
  "<A>text<B/></A>",
  "<A>&b;</A>",
  "<A>&</A>",
  "<A>&#0;</A>",
  "<A>&#xD800;</A>",
  "<A>&#x110000;</A>",
  "<!DOCTYPE A><A/>",
  '<!DOCTYPE A [<!ENTITY b SYSTEM "file:///etc/passwd">]><A>&b;</A>',
  "<A><!-- b --></A>",
  "<A><![CDATA[b]]></A>",
  "<A><?b c?></A>",
  "<A b/>",
  "<A b='<'/>",
  "<a:A xmlns:a='b'/>",
  "<A/>text",
  "<A>".repeat(9) + "</A>".repeat(9),
  `<A>${"<B/>".repeat(80_000)}</A>`,
])
  test(`refuses ${xml.slice(0, 40) || "nothing"}`, () => isRefused(xml));

test("bytes that are not UTF-8 are refused", () => isRefused(Buffer.from("<A>\xff</A>", "latin1")));

const character = fc.oneof(
  fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
  fc.constantFrom("<", "&", '"', "&amp;", "]]>", "\r\n", " "),
);
const text = fc.array(character, { maxLength: 6 }).map((parts) => parts.join(""));
const name = fc.constantFrom("Key", "ETag", "Part", "A1");
const { tree } = fc.letrec<{ tree: [string, string | XmlContent] }>((tie) => ({
  tree: fc.tuple(
    name,
    fc.oneof(
      { depthSize: "small", maxDepth: 5 },
      text,
      fc.array(tie("tree"), { minLength: 1, maxLength: 4 }) as fc.Arbitrary<XmlContent>,
    ),
  ),
}));

type Plain = [name: string, content: string | Plain[]];
const plainOf = ({ name: of, text: content, children }: XmlElement): Plain => [
  of,
  children.length > 0 ? children.map(plainOf) : content,
];

test("whatever this server writes, it reads back", () => {
  fc.assert(
    fc.property(fc.array(tree, { minLength: 1, maxLength: 4 }), (content) => {
      assert.deepEqual(plainOf(parse(xmlDocument("Root", content, "urn:x"))), ["Root", content]);
    }),
    { numRuns: 200 },
  );
});

test("whatever comes, it is read or refused, and soon", () => {
  const piece = fc.constantFrom(
    "<A>",
    "</A>",
    "<A/>",
    "<",
    ">",
    "&amp;",
    "&#65;",
    "&",
    "x",
    " ",
    "<?xml ?>",
    '<A b="">',
    "<!--",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        assert.equal(typeof parse(pieces.join("")).name, "string");
      } catch (error) {
        assert.ok(error instanceof S3Error && error.code === "MalformedXML");
      }
    }),
    { numRuns: 500 },
  );
  isRefused(`<A ${" b='c' ".repeat(100_000)}`);
  isRefused(`<A>${"&".repeat(100_000)}`);
  isRefused("<A".repeat(100_000));
});

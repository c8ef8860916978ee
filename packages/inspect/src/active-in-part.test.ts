import assert from "node:assert/strict";
import { after, test } from "node:test";
import { archiveExaminer, type MadeEntry, zip } from "./made-archives.test-data.ts";

const examine = archiveExaminer({ after });

const relationships = (attributes: string): string =>
  `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="1" ${attributes}/></Relationships>`;
const relationship = (type: string, target = "http://x/", mode = ' TargetMode="External"'): string =>
  relationships(`Type="http://schemas.example/${type}" Target="${target}"${mode}`);
const template = 'Type="http://schemas.example/attachedTemplate" Target="http://x/t.dotm"';
function inUtf32(text: string): Buffer {
  return Buffer.concat(
    [...`\ufeff${text}`].map((each) => Buffer.from(Uint32Array.of(each.codePointAt(0) ?? 0).buffer)),
  );
}
const active: readonly (readonly [what: string, entry: MadeEntry, found: readonly string[]])[] = [
  ["macros", { name: "word/vbaProject.bin" }, ["macros"]],
  ["folders of sources", { name: "scripts/build.sh" }, []],
  ["folders of lessons", { name: "Basic/lesson.txt" }, []],
  ["folders of vectors", { name: "data/embeddings/vectors.npy" }, []],
  [
    "another text",
    { name: "word/_rels/document.xml.rels", content: relationship("aFChunk", "chunk.rtf", "") },
    ["embedded-files"],
  ],
  [
    "another workbook, whatever it is called",
    { name: "xl/_rels/workbook.xml.rels", content: relationship("externalLink", "x/l.xml", "") },
    ["external"],
  ],
  [
    "connections to databases",
    { name: "xl/_rels/workbook.xml.rels", content: relationship("connections", "connections.xml", "") },
    ["external"],
  ],
  [
    "a template from elsewhere",
    { name: "word/_rels/settings.xml.rels", content: relationship("attachedTemplate") },
    ["external"],
  ],
  ["a link", { name: "word/_rels/document.xml.rels", content: relationship("hyperlink") }, []],
  [
    "its own parts",
    { name: "word/_rels/document.xml.rels", content: relationship("image", "media/1.png", "") },
    [],
  ],
  [
    "an address that is said to be its own part",
    { name: "word/_rels/document.xml.rels", content: relationship("image", "http://x/1.png", "") },
    ["external"],
  ],
  [
    "a reference under a character's number",
    {
      name: "word/_rels/settings.xml.rels",
      content: relationships(`${template} TargetMode="Exter&#110;al"`),
    },
    ["external"],
  ],
  [
    "a reference behind a bracket",
    {
      name: "word/_rels/settings.xml.rels",
      content: relationships(`Note="&gt;>" ${template} TargetMode='External'`),
    },
    ["external"],
  ],
  [
    "a reference under another prefix",
    {
      name: "word/_rels/settings.xml.rels",
      content: `<r.é:Relationships xmlns:r.é="x"><r.é:Relationship ${template}\nTargetMode = "External"/></r.é:Relationships>`,
    },
    ["external"],
  ],
  ...(["utf16le", "latin1"] as const).map((encoding): (typeof active)[number] => [
    `a reference in ${encoding}`,
    {
      name: "word/_rels/settings.xml.rels",
      content: Buffer.from(
        `${encoding === "utf16le" ? "\ufeff" : '<?xml version="1.0" encoding="ISO-8859-1"?>'}<Relationships Name="\u00e9"><Relationship ${template} TargetMode="External"/></Relationships>`,
        encoding,
      ),
    },
    ["external"],
  ]),
  [
    "macros under another name",
    {
      name: "word/_rels/document.xml.rels",
      content: relationship("2006/relationships/vbaProject", "settings.bin", ""),
    },
    ["macros"],
  ],
  [
    "a link that is a script",
    { name: "word/_rels/document.xml.rels", content: relationship("hyperlink", "java&#9;script:x") },
    ["javascript"],
  ],
  [
    "a template behind another prefix's words",
    {
      name: "word/_rels/settings.xml.rels",
      content: relationships(
        `xmlns:q="q" q:Type="hyperlink" ${template} q:Target="a.xml" q:TargetMode="Internal" TargetMode="External"`,
      ),
    },
    ["external"],
  ],
  [
    "references that are no XML",
    {
      name: "word/_rels/settings.xml.rels",
      content: `<Relationships><a>&bad</a>${relationship("a", "a", "")}`,
    },
    ["external"],
  ],
  [
    "references in UTF-32",
    { name: "word/_rels/settings.xml.rels", content: inUtf32(relationship("attachedTemplate")) },
    ["external"],
  ],
  [
    "references in an encoding of nobody's",
    { name: "word/_rels/settings.xml.rels", content: '<?xml version="1.0" encoding="UTF-7"?>+ADw-x/+AD4-' },
    ["external"],
  ],
  [
    "references in an encoding that is said too late",
    {
      name: "word/_rels/settings.xml.rels",
      content: `<?xml version="1.0"${" ".repeat(1100)} encoding="UTF-7"?><x/>`,
    },
    ["external"],
  ],
  ["another workbook", { name: "xl/externalLinks/externalLink1.xml" }, ["external"]],
  ["a script", { name: "OEBPS/a.xhtml", content: "<html><script>1</script></html>" }, ["javascript"]],
  ["another archive", { name: "inner", content: zip([{ name: "x" }]) }, ["embedded-files"]],
  ["a program", { name: "notes.txt", content: "MZ\x90\0 this program" }, ["embedded-files"]],
];

for (const [what, entry, found] of active) {
  test(`a document with ${what} says so`, async () => {
    const examination = await examine(zip([{ name: "[Content_Types].xml", content: "<Types/>" }, entry]));
    assert.equal(examination.verdict, "accepted");
    assert.deepEqual(examination.activeContent ?? [], found);
  });
}

test("a part of macros is found behind another prefix's words for it", async () => {
  const content =
    '<Types><Override q:ContentType="a" ContentType="application/vnd.ms-office.vbaProject"/></Types>';
  const examination = await examine(zip([{ name: "[Content_Types].xml", content }]));
  assert.equal(examination.verdict, "accepted");
  assert.deepEqual(examination.activeContent, ["macros"]);
});

const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const powerPoint = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const run = (code: string): string => `<w:r><w:instrText xml:space="preserve">${code}</w:instrText></w:r>`;
const turn = (type: string): string => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`;
const field = (...codes: readonly string[]): string =>
  `${turn("begin")}${codes.map(run).join("")}${turn("end")}`;
const officeParts: readonly (readonly [
  what: string,
  type: string,
  content: string,
  found: readonly string[],
])[] = [
  [
    "a table of contents and page numbers",
    word,
    field(" TOC \\o &quot;1-3&quot; \\h ", "\\z") + field(" PAGE "),
    [],
  ],
  ["a link", word, field(' HYPERLINK "https://x.example/" '), []],
  ["words about fields", word, "<w:t>DDEAUTO c:</w:t>".concat(field(" QUOTE ")), []],
  ["another program's data", word, field(" DDEAUTO c:\\\\windows\\\\cmd.exe "), ["launch"]],
  ["such a field in pieces", word, field(" PAGE ") + field(" D", "D&#69;", "AUTO cmd"), ["launch"]],
  [
    "such a field within another",
    word,
    `${turn("begin")}${run(" IF 1 ")}${field("DDE cmd")}${turn("end")}`,
    ["launch"],
  ],
  ["such a field in one", word, '<w:fldSimple w:instr=" DDE cmd x"/>', ["launch"]],
  ["a picture by a field", word, field(' INCLUDEPICTURE "http://x.example/1.png" \\d '), ["external"]],
  ["a text on a server", word, field(' INCLUDETEXT "\\\\\\\\host\\\\a.docx" '), ["external"]],
  ["a picture beside it", word, field(' INCLUDEPICTURE "1.png" '), []],
  [
    "formulas, and words about others",
    excel,
    "<f>SUM(A1:A2)</f><f>MYIMAGE(1)</f><t>WEBSERVICE(&#34;http://x/&#34;)</t><f>IMAGES</f>",
    [],
  ],
  ["a formula that fetches", excel, '<f>_xlfn.WEBSERVICE("http://x/")</f>', ["external"]],
  ...["&#77;", "&#0077;", "&#x4d;", "&#x6D;", "&#109;"].map((letter): (typeof officeParts)[number] => [
    `a formula that fetches, with ${letter}`,
    excel,
    `<f>I${letter}AGE(A1)</f>`,
    ["external"],
  ]),
  ["a formula that fetches, in pieces", excel, "<f>1+_xlfn.I&#77;A<![CDATA[GE]]>(A1)</f>", ["external"]],
  [
    "a name for what is fetched",
    excel,
    '<x:definedName name="a">WEBSERVICE(A1)</x:definedName>',
    ["external"],
  ],
  ["another program's data, whatever its part is called", excel, '<ddeLink ddeService="cmd"/>', ["launch"]],
  [
    "a click that turns the page",
    powerPoint,
    '<a:hlinkClick r:id="" action="ppaction://hlinkshowjump?jump=nextslide"/>',
    [],
  ],
  [
    "a click that runs a program",
    powerPoint,
    '<a:hlinkClick r:id="1" action="ppaction://pro&#103;ram"/>',
    ["launch"],
  ],
  [
    "a pointer's way that runs a macro",
    powerPoint,
    '<a:hlinkMouseOver action="ppaction://macro?name=x"/>',
    ["macros"],
  ],
];

test("an office file with an embedded sheet says so", async () => {
  for (const type of [word, excel, powerPoint]) {
    const examination = await examine(zip([{ name: "x/embeddings/Sheet1.xlsx" }]), type);
    assert.equal(examination.verdict, "accepted");
    assert.deepEqual(examination.activeContent, ["embedded-files"]);
  }
});

for (const [what, type, content, found] of officeParts) {
  test(`an office file with ${what} says so`, async () => {
    const part = {
      name: "any/part.xml",
      content: `<?xml version="1.0"?><w:document>${content}</w:document>`,
    };
    const examination = await examine(
      zip([{ name: "[Content_Types].xml", content: "<Types/>" }, part]),
      type,
    );
    assert.equal(examination.verdict, "accepted", JSON.stringify(examination));
    assert.deepEqual(examination.activeContent ?? [], found);
  });
}

const odf = (body: string, root = "office:document-content"): string =>
  `<?xml version="1.0"?><${root} xmlns:office="o" xmlns:draw="d" xmlns:xlink="l" xmlns:script="s" xmlns:text="t" xmlns:form="f"><office:scripts/>${body}</${root}>`;
const openDocument = "application/vnd.oasis.opendocument.text";
const openDocuments: readonly (readonly [what: string, entry: MadeEntry, found: readonly string[]])[] = [
  [
    "its own pictures and links",
    {
      name: "content.xml",
      content: odf(
        '<draw:image xlink:href="Pictures/1.png"/><draw:object xlink:href="./Object 1"/><text:a xlink:href="https://x.example/"/><form:form xlink:href=""/>',
      ),
    },
    [],
  ],
  [
    "a picture of its other half",
    { name: "Object 1/content.xml", content: odf('<draw:image xlink:href="../Pictures/1.png"/>') },
    [],
  ],
  [
    "the template it was made from",
    { name: "meta.xml", content: odf('<meta:template xlink:href="/C:/Templates/letter.ott"/>') },
    [],
  ],
  [
    "a page's turn at a click",
    { name: "content.xml", content: odf('<presentation:event-listener presentation:action="next-page"/>') },
    [],
  ],
  [
    "a picture from elsewhere",
    { name: "content.xml", content: odf('<d.é:image x.y:href="http://x.example/1.png"/>') },
    ["external"],
  ],
  [
    "a picture of the machine's",
    { name: "styles.xml", content: odf('<draw:image xlink:href="../../secret.png"/>') },
    ["external"],
  ],
  [
    "a picture on a server",
    { name: "content.xml", content: odf('<draw:image xlink:href="&#92;&#92;x\\a.png"/>') },
    ["external"],
  ],
  [
    "a template from elsewhere",
    { name: "meta.xml", content: odf('<meta:template xlink:href="https://x.example/t.ott"/>') },
    ["external"],
  ],
  [
    "another program's data",
    { name: "content.xml", content: odf('<text:dde-connection-decl office:dde-application="cmd"/>') },
    ["external"],
  ],
  [
    "a form that is sent, of XForms",
    {
      name: "content.xml",
      content: odf(
        '<xforms:instance src="http://x.example/"/><xforms:submission action="http://x.example/"/>',
      ),
    },
    ["submit", "external"],
  ],
  [
    "a form that is sent",
    { name: "content.xml", content: odf('<form:form xlink:href="http://x.example/"/>') },
    ["submit"],
  ],
  [
    "an event that runs a macro",
    { name: "content.xml", content: odf('<script:event-listener script:event-name="dom:load"/>') },
    ["macros"],
  ],
  [
    "an event that runs a macro, behind another prefix's words",
    {
      name: "content.xml",
      content: odf(
        '<script:event-listener q:action="none" script:language="ooo:script" script:macro-name="x"/>',
      ),
    },
    ["macros"],
  ],
  [
    "a click that turns the page",
    { name: "content.xml", content: odf('<presentation:event-listener presentation:action="next-page"/>') },
    [],
  ],
  [
    "a click that starts a program, behind another prefix's words",
    {
      name: "content.xml",
      content: odf('<presentation:event-listener q:action="none" presentation:action="execute"/>'),
    },
    ["launch"],
  ],
  [
    "a picture from elsewhere in a part that is called as others' are",
    { name: "Object.rels", content: odf('<draw:image xlink:href="http://x.example/"/>') },
    ["external"],
  ],
  [
    "a part in UTF-32",
    { name: "content.xml", content: inUtf32(odf("<text:execute-macro/>")) },
    ["external", "macros"],
  ],
  [
    "a click that starts a program",
    { name: "content.xml", content: odf('<presentation:event-listener presentation:action="execute"/>') },
    ["launch"],
  ],
  [
    "a link to a macro",
    { name: "content.xml", content: odf('<text:a xlink:href="vnd.sun.star.script:x"/>') },
    ["macros"],
  ],
  [
    "a link to a script",
    { name: "content.xml", content: odf('<text:a xlink:href="&#106;avascript:x"/>') },
    ["javascript"],
  ],
  [
    "a macro in UTF-16",
    { name: "content.xml", content: Buffer.from(`\ufeff${odf("<text:execute-macro/>")}`, "utf16le") },
    ["macros"],
  ],
  ["Basic", { name: "Basic/Standard/Module1.xml" }, ["macros"]],
  ["scripts", { name: "Scripts/python/a.py" }, ["macros"]],
  ["a macro in any part", { name: "Other/part", content: odf("<text:execute-macro/>") }, ["macros"]],
  [
    "a macro behind much white space",
    {
      name: "content.xml",
      content: `${" ".repeat(200_000)}<a>${" ".repeat(200_000)}<text:execute-macro/></a>`,
    },
    ["macros"],
  ],
  [
    "a macro far into it",
    { name: "content.xml", content: odf(`${"<text:p>words</text:p>".repeat(100_000)}<text:execute-macro/>`) },
    ["macros"],
  ],
  [
    "names that are declared",
    { name: "content.xml", content: `<!DOCTYPE x [<!ENTITY a "b">]>${odf("")}` },
    ["external"],
  ],
];

for (const [what, entry, found] of openDocuments) {
  test(`an OpenDocument file with ${what} says so`, async () => {
    const first = { name: "mimetype", content: openDocument, stored: true };
    const examination = await examine(zip([first, entry]), openDocument);
    assert.equal(examination.verdict, "accepted", JSON.stringify(examination));
    assert.deepEqual(examination.activeContent ?? [], found);
  });
}

test("an OpenDocument file whose parts are encrypted is not safe", async () => {
  const manifest =
    "<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
  const examination = await examine(
    zip([{ name: "META-INF/manifest.xml", content: manifest }]),
    openDocument,
  );
  assert.equal(examination.verdict, "rejected");
  assert.match(examination.detail, /encrypted, and can't be looked into/);
});

const page = (body: string, attributes = ""): string =>
  `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>JavaScript: the book</title></head><body ${attributes}>${body}</body></html>`;
const books: readonly (readonly [what: string, entry: MadeEntry, found: readonly string[]])[] = [
  [
    "words, pictures, sounds and links",
    {
      name: "a.xhtml",
      content: page(
        '<img src="../images/1.png" alt="JavaScript: 1"/><audio src="a.mp3"/><a href="https://x.example/">x</a>&nbsp;<p>onload = javascript:x</p><style>p{background:url(1.png)}</style>',
      ),
    },
    [],
  ],
  ["a handler", { name: "a.xhtml", content: page("x", 'onload="alert(1)"') }, ["javascript"]],
  [
    "a link that is a script",
    { name: "a.xhtml", content: page('<a href=" java&#10;script:alert(1)">x</a>') },
    ["javascript"],
  ],
  [
    "a script of another prefix",
    { name: "a.xhtml", content: page('<a.b:script xmlns:a.b="x">1</a.b:script>') },
    ["javascript"],
  ],
  ["a script in a part of any name", { name: "q.bin", content: page("<script>1</script>") }, ["javascript"]],
  [
    "a script in UTF-16",
    { name: "a.xhtml", content: Buffer.from(`\ufeff${page("<script/>")}`, "utf16le").swap16() },
    ["javascript"],
  ],
  ["a script in what is no XML", { name: "a.html", content: "<p <script>alert(1)</script>" }, ["javascript"]],
  [
    "a script in an entity",
    { name: "a.xhtml", content: `<!DOCTYPE html [<!ENTITY x "<script>1</script>">]>${page("&x;")}` },
    ["javascript", "external"],
  ],
  ...["javascript:alert(1)", "https://x.example/1.png", "&#38;lt;script>", "&#60;", "nn", "&y;"].map(
    (value): (typeof books)[number] => [
      `${value} in an entity`,
      { name: "a.xhtml", content: `<!DOCTYPE html [<!ENTITY y "&#160;"><!ENTITY x "${value}">]>${page("")}` },
      ["javascript", "external"],
    ],
  ),
  [
    "a link of characters with names that is a script",
    {
      name: "a.xhtml",
      content: `<!DOCTYPE html [<!ENTITY a "j"><!ENTITY nbsp '&#x61;'><!ENTITY a "x">]>${page('<a href="&a;&nbsp;vascript:x"/>')}`,
    },
    ["javascript"],
  ],
  ["a script in ch1.rels", { name: "ch1.rels", content: page("<script>1</script>") }, ["javascript"]],
  [
    "a script in [Content_Types].xml",
    { name: "[Content_Types].xml", content: page("<script>1</script>") },
    ["javascript"],
  ],
  ["a page in UTF-32", { name: "a.xhtml", content: inUtf32(page("")) }, ["javascript", "external"]],
  [
    "a page in EBCDIC",
    { name: "a.xhtml", content: Buffer.from("4c6fa79493", "hex") },
    ["javascript", "external"],
  ],
  [
    "an element of more attributes than any has",
    {
      name: "a.xhtml",
      content: page(
        `<link ${Array.from({ length: 60_000 }, (_, n) => `a${n}:href="b"`).join(" ")} rel="author"/>`,
      ),
    },
    ["javascript", "external"],
  ],
  [
    "elements within elements without end",
    { name: "a.xhtml", content: page("<p>".repeat(100_000)) },
    ["javascript", "external"],
  ],
  [
    "names of characters",
    {
      name: "a.xhtml",
      content: `<!DOCTYPE html [<!ENTITY nbsp "&#160;"><!ENTITY me 'I'>]>${page("&nbsp;&me;")}`,
    },
    [],
  ],
  [
    "a page that is said to have scripts",
    {
      name: "book.opf",
      content: '<package><manifest><item href="a.xhtml" properties="nav scripted"/></manifest></package>',
    },
    ["javascript"],
  ],
  [
    "a film from elsewhere",
    {
      name: "book.opf",
      content: '<package><manifest><item href="https://x.example/a.mp4"/></manifest></package>',
    },
    ["external"],
  ],
  [
    "who made it",
    {
      name: "book.opf",
      content:
        '<package><metadata><link rel="record" href="https://x.example/"/><meta content="JavaScript: 1"/></metadata></package>',
    },
    [],
  ],
  [
    "a picture from elsewhere",
    { name: "a.xhtml", content: page('<img src="//x.example/1.png"/>') },
    ["external"],
  ],
  [
    "a style from elsewhere",
    { name: "a.xhtml", content: page('<p style="background:\\75 rl(http://x.example/)"/>') },
    ["external"],
  ],
  [
    "another place to be at",
    { name: "a.xhtml", content: page('<meta http-equiv="refresh" content="0;url=https://x.example/"/>') },
    ["external"],
  ],
  [
    "style sheets of its own",
    {
      name: "a.css",
      content:
        "@namespace h url(http://www.w3.org/1999/xhtml); @import 'b.css'; p{background:url( 'a.png' )}",
    },
    [],
  ],
  [
    "a style sheet that has another",
    { name: "a.css", content: "@import url(https://x.example/)" },
    ["external"],
  ],
  [
    "a style sheet that has a picture",
    { name: "a", content: "p{background:url(//x.example/1)}" },
    ["external"],
  ],
  [
    "a style sheet that is called a picture",
    { name: "a.opf", content: '<package><item href="a%20b.jpg" media-type="text/css"/></package>' },
    ["javascript", "external"],
  ],
  [
    "a style sheet that is a comment of markup",
    { name: "a.css", content: "<!-- @import url(https://x.example/); --><a/>" },
    ["external"],
  ],
  [
    "a style sheet that is too long",
    { name: "a.css", content: "p{} ".repeat(1_100_000) },
    ["javascript", "external"],
  ],
  [
    "a page that is no XML, and too long",
    { name: "a.xhtml", content: page(`&${"<p>x</p>".repeat(600_000)}`) },
    ["javascript", "external"],
  ],
  ["a long page", { name: "a.xhtml", content: page("<p>x</p>".repeat(600_000)) }, []],
  [
    "a page that is nothing like XML",
    { name: "a.xhtml", content: page("</x>".repeat(1100)) },
    ["javascript", "external"],
  ],
  ["a few ampersands", { name: "a.xhtml", content: page("<p>Q&A</p>".repeat(100)) }, []],
  [
    "a script behind words",
    { name: "a.xhtml", content: `words ${page("<script>1</script>").slice(21)}` },
    ["javascript"],
  ],
  [
    "a script behind words, in a part of any name",
    { name: "a", content: `words ${page("<script/>")}` },
    ["javascript"],
  ],
  [
    "pictures of several sizes",
    {
      name: "a.xhtml",
      content: page('<img srcset="a.png 1x,b.png 2x"/><source srcset="data:image/png;base64,AA 2x"/>'),
    },
    [],
  ],
  ...[
    'img srcset="a.png 1x,https://x.example/ 2x"',
    'link rel="preload" imagesrcset="//x.example/ 9w"',
    'a href="a" ping="https://x.example/"',
  ].map((element): (typeof books)[number] => [
    `<${element}/>`,
    { name: "a.xhtml", content: page(`<${element}/>`) },
    ["external"],
  ]),
  ["a form", { name: "a.xhtml", content: page('<form action="https://x.example/"/>') }, ["submit"]],
];

for (const [what, entry, found] of books) {
  test(`an EPUB with ${what} says so`, async () => {
    const type = "application/epub+zip";
    const examination = await examine(zip([{ name: "mimetype", content: type, stored: true }, entry]), type);
    assert.equal(examination.verdict, "accepted", JSON.stringify(examination));
    assert.deepEqual(examination.activeContent ?? [], found);
  });
}

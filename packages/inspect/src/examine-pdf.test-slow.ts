import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import type { Accepted, DecodeJob, Examination } from "./examination.ts";
import { examinePdf } from "./examine-pdf.ts";
import { temporaryDirectory } from "./inspect-bytes.test-data.ts";
import { BLUE, type Colour, GREEN, GREY, RED } from "./made-images.test-data.ts";
import {
  formThatDraws,
  type PageOptions,
  pdf,
  pdfOf,
  protectedPdf,
  quartersOf,
  stream,
} from "./made-pdfs.test-data.ts";
import { openPdf } from "./open-pdf.ts";

const path = join(temporaryDirectory({ after }), "document.pdf");

async function examine(
  bytes: Uint8Array,
  options: Partial<DecodeJob> = {},
  open = openPdf,
  tellSoFar: (examination: Accepted) => Promise<void> = async () => undefined,
) {
  writeFileSync(path, bytes);
  const job: DecodeJob = {
    path,
    declaredContentType: "application/pdf",
    allowedContentTypes: ["application/pdf"],
    derivatives: [
      { name: "thumbnail", width: 320, height: 320, fit: "contain" },
      { name: "preview", of: "image", width: 1600, height: 1600, fit: "contain" },
      { name: "page", of: "document", width: 1600, height: 1600, fit: "contain" },
    ],
    maxPixels: 100_000_000,
    webpQuality: 80,
    webpEffort: 2,
    ...options,
  };
  return examinePdf(job, tellSoFar, open);
}

function assertAccepted(examination: Examination): asserts examination is Accepted {
  assert.equal(examination.verdict, "accepted", JSON.stringify(examination));
}

async function accepted(bytes: Uint8Array, options: Partial<DecodeJob> = {}): Promise<Accepted> {
  const examination = await examine(bytes, options);
  assertAccepted(examination);
  return examination;
}

const sizesOf = ({ pictures }: Accepted): string[] =>
  pictures.map(({ name, width, height }) => `${name} ${width} × ${height}`);

/** Colours in the middle of the page's four quarters, clockwise from the top left. */
async function cornersOf(examination: Accepted): Promise<Colour[]> {
  const page = examination.pictures.find(({ name }) => name === "page");
  assert.ok(page);
  const { data, info } = await sharp(page.bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): Colour => {
    const offset = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 3;
    return [data[offset] ?? -1, data[offset + 1] ?? -1, data[offset + 2] ?? -1];
  };
  return [at(0.25, 0.25), at(0.75, 0.25), at(0.75, 0.75), at(0.25, 0.75)];
}

function assertNear(actual: readonly Colour[], expected: readonly Colour[]): void {
  for (const [index, colour] of expected.entries())
    for (const [channel, value] of colour.entries())
      assert.ok(
        Math.abs((actual[index]?.[channel] ?? Number.NaN) - value) <= 12,
        `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`,
      );
}

const WHITE: Colour = [255, 255, 255];

test("a PDF has its pages counted and its first one drawn, in its colours", async () => {
  const examination = await accepted(pdf({ pages: 3, content: quartersOf(612, 792) }));
  assert.equal(examination.document?.pageCount, 3);
  assert.match(examination.document?.thumbhash ?? "", /^[A-Za-z0-9+/]+=*$/);
  assert.equal(examination.document?.undrawn, undefined);
  assert.deepEqual(sizesOf(examination), ["thumbnail 247 × 320", "page 1236 × 1600"]);
  assertNear(await cornersOf(examination), [RED, GREEN, BLUE, GREY]);
});

test("paper is white where a page draws nothing or says to blend with nothing", async () => {
  assertNear(await cornersOf(await accepted(pdf())), [WHITE, WHITE, WHITE, WHITE]);
  const group = "/Group<</S/Transparency/CS/DeviceRGB/I true>>/Resources<</ExtGState<</H<</ca 0.5>>>>>>";
  const half = await accepted(pdf({ page: group, content: "/H gs 1 0 0 rg 0 0 612 792 re f" }));
  const pink: Colour = [255, 128, 128];
  assertNear(await cornersOf(half), [pink, pink, pink, pink]);
});

for (const [turn, corners] of [
  [90, [GREY, RED, GREEN, BLUE]],
  [180, [BLUE, GREY, RED, GREEN]],
  [270, [GREEN, BLUE, GREY, RED]],
] as const)
  test(`a page that is to be turned by ${turn} degrees is drawn so`, async () => {
    const examination = await accepted(pdf({ content: quartersOf(612, 792), page: `/Rotate ${turn}` }));
    assert.equal(sizesOf(examination)[1], turn === 180 ? "page 1236 × 1600" : "page 1600 × 1236");
    assertNear(await cornersOf(examination), corners);
  });

test("a page is drawn as it is cropped", async () => {
  const cropped = pdf({ content: quartersOf(612, 792), page: "/CropBox[0 396 306 792]" });
  const examination = await accepted(cropped);
  assert.deepEqual(sizesOf(examination)[1], "page 1236 × 1600");
  assertNear(await cornersOf(examination), [RED, RED, RED, RED]);
});

test("a small page is drawn as dense as print, and no further enlarged", async () => {
  assert.deepEqual(sizesOf(await accepted(pdf({ width: 72, height: 36 }))), [
    "thumbnail 300 × 150",
    "page 300 × 150",
  ]);
});

test("boxes of any size are drawn in so many pixels as a derivative has", async () => {
  for (const [width, height] of [
    [14_400, 14_400],
    [1e9, 1e9],
    [1e9, 0.001],
    [0.001, 1e9],
    [0, 0],
    [-612, -792],
  ] as const) {
    const examination = await accepted(pdf({ width, height }));
    for (const picture of examination.pictures)
      assert.ok(
        picture.width <= 1600 && picture.height <= 1600,
        `${width} × ${height}: ${sizesOf(examination)}`,
      );
  }
});

test("a page that a derivative would need too many pixels of is not drawn, and the document stays", async () => {
  const derivatives = [{ name: "cut", width: 16_000, height: 16_000, fit: "cover" }] as const;
  const examination = await accepted(pdf({ width: 14_400, height: 14_400 }), {
    derivatives,
    maxPixels: 10_000_000,
  });
  assert.deepEqual(examination.document, { pageCount: 1, undrawn: "failed" });
});

test("however large the box, a page is drawn in no more pixels than a derivative may have", async () => {
  const derivatives = [{ name: "large", width: 16_000, height: 16_000, fit: "contain" }] as const;
  const examination = await accepted(pdf({ width: 7200, height: 7200 }), { derivatives });
  assert.deepEqual(sizesOf(examination), ["large 5000 × 5000"]);
});

test("another page than the first is drawn where it is asked for", async () => {
  const derivatives = [{ name: "page", width: 100, height: 100, fit: "contain" }] as const;
  const bytes = pdf({ pages: 2 });
  for (const page of [1, 2]) assert.equal((await accepted(bytes, { derivatives, page })).pictures.length, 1);
  const missing = await examine(bytes, { derivatives, page: 3 });
  assert.deepEqual(
    missing.verdict === "rejected" && missing.detail,
    "The PDF is damaged or incomplete: page 3 can't be read.",
  );
});

test("what is filled into a form is on the page", async () => {
  const appearance = stream("1 0 0 rg 0 0 306 396 re f", "/Type/XObject/Subtype/Form/BBox[0 0 306 396]");
  const field = `<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Ann)/F 4/Rect[0 396 306 792]/AP<</N 6 0 R>>>>`;
  const form = pdf({
    page: "/Annots[5 0 R]",
    catalogue: "/AcroForm<</Fields[5 0 R]>>",
    objects: [field, appearance],
  });
  assertNear(await cornersOf(await accepted(form)), [[255, 0, 0], WHITE, WHITE, WHITE]);
});

test("scripts and actions that are to run when a document opens are not run", async () => {
  // Were they, this one would never end.
  const script = "<</S/JavaScript/JS(while \\(true\\) app.launchURL\\('http://127.0.0.1:9/'\\);)>>";
  const launch = "<</S/Launch/F(/bin/sh)/Next<</S/URI/URI(http://127.0.0.1:9/)>>>>";
  for (const action of [script, launch]) {
    const document = pdf({
      catalogue: `/OpenAction ${action}/AA<</WC ${action}>>/Names<</JavaScript<</Names[(a) ${script}]>>>>`,
      page: `/AA<</O ${action}>>`,
      content: quartersOf(612, 792),
    });
    assertNear(await cornersOf(await accepted(document)), [RED, GREEN, BLUE, GREY]);
  }
});

const script = "<</S/JavaScript/JS(app.alert\\(1\\))>>";
const fileSpec = "<</Type/Filespec/F(a.exe)/EF<</F 6 0 R>>>>";
const bareSpec = "<</F(a.exe)/EF<</F 4 0 R>>>>";
const linkTo = (address: string): string => `/Annots[<</Subtype/Link/A<</S/URI/URI ${address}>>>>]`;
const activeDocuments: readonly (readonly [what: string, options: PageOptions, found: readonly string[]])[] =
  [
    ["nothing but pages", { content: "(/S/JavaScript) pop" }, []],
    ["an ordinary link", { page: "/Annots[<</Subtype/Link/A<</S/URI/URI(https://example.org/)>>>>]" }, []],
    ["a script at its opening", { catalogue: `/OpenAction ${script}` }, ["javascript"]],
    [
      "a script under an escaped name",
      { catalogue: "/OpenAction<</S/J#61vaScr#69pt/JS(1)>>" },
      ["javascript"],
    ],
    ["a named script", { catalogue: `/Names<</JavaScript<</Names[(a) ${script}]>>>>` }, ["javascript"]],
    [
      "a script as a link",
      { page: "/Annots[<</Subtype/Link/A<</S/URI/URI( JavaScript:x\\(\\))>>>>]" },
      ["javascript"],
    ],
    [
      "an action whose type is apart",
      { catalogue: "/OpenAction<</S 5 0 R/F(cmd.exe)>>", objects: ["/Launch"] },
      ["launch"],
    ],
    ["a program", { page: "/AA<</O<</S/Launch/F(cmd.exe)>>>>" }, ["launch"]],
    [
      "a file within",
      { catalogue: `/Names<</EmbeddedFiles<</Names[(a) ${fileSpec}]>>>>` },
      ["embedded-files"],
    ],
    [
      "a form that is sent",
      { page: "/Annots[<</Subtype/Widget/A<</S/SubmitForm/F(http://x)>>>>]" },
      ["submit"],
    ],
    [
      "another document",
      { page: "/Annots[<</Subtype/Link/A<</S/GoToR/F(\\\\\\\\host\\\\x)>>>>]" },
      ["external"],
    ],
    [
      "an address that Windows signs in to",
      { page: "/Annots[<</Subtype/Link/A<</S/URI/URI(smb://c/x)>>>>]" },
      ["external"],
    ],
    ["a file's address", { page: "/Annots[<</Subtype/Link/A<</S/URI/URI(file:///c:/x)>>>>]" }, ["external"]],
    ["an XFA form", { catalogue: "/AcroForm<</XFA[]/Fields[]>>" }, ["xfa"]],
    ["a film", { page: "/Annots[<</Subtype/RichMedia>>]" }, ["media"]],
    [
      "a file within that no list names",
      { page: `/Annots[<</Subtype/Link/FS${bareSpec}>>]` },
      ["embedded-files"],
    ],
    [
      "a file's places apart",
      { page: "/AF[<</UF(a)/EF 5 0 R>>]", objects: ["<</UF 4 0 R>>"] },
      ["embedded-files"],
    ],
    [
      "a font of such a name",
      { page: "/Resources<</Font<</EF<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>" },
      [],
    ],
    ["an attachment", { page: "/Annots[<</Subtype/File#41ttachment/FS(a.exe)>>]" }, ["embedded-files"]],
    [
      "a script as a link in hexadecimal",
      { page: linkTo(`<${Buffer.from("javascript:x").toString("hex")}>`) },
      ["javascript"],
    ],
    [
      "one in UTF-16",
      { page: linkTo(`<feff${Buffer.from("javascript:x", "utf16le").swap16().toString("hex")}>`) },
      ["javascript"],
    ],
    ["one in UTF-8 with a mark", { page: linkTo("(\\357\\273\\277java\\\nscript:x)") }, ["javascript"]],
    ["one apart", { page: linkTo("5 0 R"), objects: ["(javascript:x)"] }, ["javascript"]],
    [
      "one apart and apart again",
      { page: linkTo("5 0 R"), objects: ["6 0 R", "<6A6176617363726970743A78>"] },
      ["javascript"],
    ],
    ["an address that is all links' beginning", { catalogue: "/URI<</Base(javascript:)>>" }, ["javascript"]],
    [
      "an address that is opened with it",
      { catalogue: "/OpenAction<</S/URI/URI(http://x.example/)>>" },
      ["external"],
    ],
    [
      "one that is opened at a page, apart",
      { page: "/AA 5 0 R", objects: ["<</O 6 0 R>>", "<</S/URI/URI(http://x.example/)>>"] },
      ["external"],
    ],
    [
      "one that is opened after another",
      {
        catalogue: "/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next[<</S/Named/N/NextPage/Next 5 0 R>>]>>",
        objects: ["<</S/URI/URI(http://x.example/)>>"],
      },
      ["external"],
    ],
    ["a place to open at", { catalogue: "/OpenAction 5 0 R", objects: ["<</S/GoTo/D[3 0 R/Fit]>>"] }, []],
    ["a page's turn and printing", { catalogue: "/OpenAction<</S/Named/N/Print>>" }, []],
    ["a thread of another document", { catalogue: "/OpenAction<</S/Thread/F(x.pdf)/D 0>>" }, ["external"]],
    ["a thread of its own", { catalogue: "/OpenAction<</S/Thread/D 0>>" }, []],
    [
      "a stream that is elsewhere",
      { objects: [stream("", "/F<</FS/URL/F(http://x.example/)>>")], page: "/B 5 0 R" },
      ["external"],
    ],
    [
      "one whose file is apart",
      { objects: [stream("", "/F 6 0 R"), "(x.bin)"], page: "/B 5 0 R" },
      ["external"],
    ],
    [
      "a form of another document",
      { objects: [stream("", "/Subtype/Form/Ref<</F(x.pdf)/Page 0>>")], page: "/B 5 0 R" },
      ["external"],
    ],
    ["an old film", { page: "/Annots[<</Subtype/Movie>>]" }, ["media"]],
    ["a sound at its opening", { catalogue: "/OpenAction<</S 5 0 R>>", objects: ["/Sound"] }, ["media"]],
    ["a model", { page: "/Annots[<</Subtype/3D/3DD 4 0 R>>]" }, ["media"]],
    ["a sound that is a script", { catalogue: "/OpenAction<</S/Rendition/JS(x)>>" }, ["javascript", "media"]],
    [
      "one key twice",
      { page: "/Annots[<</Subtype/Link/A<</S/URI/URI(javascript:x)/URI(http://x.example/)>>>>]" },
      ["javascript"],
    ],
    [
      "much",
      { catalogue: `/OpenAction ${script}/Names<</EmbeddedFiles<<>>>>`, page: "/AA<</O<</S/Launch>>>>" },
      ["javascript", "launch", "embedded-files"],
    ],
  ];

for (const [what, options, found] of activeDocuments) {
  test(`a document with ${what} says so`, async () => {
    const { activeContent = [] } = await accepted(pdf(options));
    assert.deepEqual(activeContent, found);
  });
}

test("what is packed into an object stream is found", async () => {
  const packed = deflateSync(Buffer.from(`5 0 ${script}`, "latin1"));
  const head = Buffer.from(
    "%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/OpenAction 5 0 R>>\nendobj\n" +
      "2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n" +
      `4 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length ${packed.length}>>\nstream\n`,
    "latin1",
  );
  const afterStream = "\nendstream\nendobj\n";
  const start = head.length + packed.length + afterStream.length;
  const entries = Buffer.alloc(7 * 7);
  const at = ["1 0 obj", "2 0 obj", "3 0 obj", "4 0 obj"].map((object) => head.indexOf(object));
  at.forEach((offset, index) => {
    entries.set([1, 0, 0], (index + 1) * 7);
    entries.writeUInt16BE(offset, (index + 1) * 7 + 3);
  });
  entries.set([2, 0, 0, 0, 4, 0, 0], 5 * 7);
  entries.set([1, 0, 0, start >> 8, start & 0xff, 0, 0], 6 * 7);
  const table = Buffer.from(
    `6 0 obj\n<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length ${entries.length}>>\nstream\n`,
    "latin1",
  );
  const end = Buffer.from(`${afterStream}startxref\n${start}\n%%EOF\n`, "latin1");
  const document = Buffer.concat([head, packed, Buffer.from(afterStream), table, entries, end]);
  assert.equal(document.includes("JavaScript"), false);
  assert.deepEqual((await accepted(document)).activeContent, ["javascript"]);
});

test("of a document that wants a password is said what is in the open, and of one that opens all", async () => {
  assert.deepEqual(
    (await accepted(protectedPdf("open sesame", "/OpenAction<</S/JavaScript/JS<00>>>"))).activeContent,
    ["javascript"],
  );
  assert.deepEqual((await accepted(protectedPdf("", "/OpenAction<</S/Launch>>"))).activeContent, ["launch"]);
});

test("ten thousand pages are counted, and one is drawn", async () => {
  const examination = await accepted(pdf({ pages: 10_000, content: quartersOf(612, 792) }));
  assert.equal(examination.document?.pageCount, 10_000);
  assert.equal(examination.pictures.length, 2);
});

test("a document that wants a password is accepted, and says so", async () => {
  const examination = await examine(protectedPdf("open sesame"));
  assert.deepEqual(examination, {
    verdict: "accepted",
    contentType: "application/pdf",
    document: { passwordProtected: true },
    pictures: [],
  });
});

test("one that is encrypted with no password is drawn like any other", async () => {
  const examination = await accepted(protectedPdf(""));
  assert.equal(examination.document?.pageCount, 1);
  assert.equal(examination.document?.passwordProtected, undefined);
  assert.equal(examination.pictures.length, 2);
});

test("what is no document is refused, in a sentence that says why", async () => {
  const sound = pdf();
  const noPages = pdfOf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 0/Kids[]>>"]);
  const noPage = pdfOf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[9 0 R]>>"]);
  const cases: [string, Buffer][] = [
    ["header", Buffer.from("%PDF-1.7\n")],
    ["header and rubbish", Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(5000, 0xa7)])],
    ["half", sound.subarray(0, 60)],
    ["no pages", noPages],
    ["no page", noPage],
  ];
  for (const [name, bytes] of cases) {
    const examination = await examine(bytes);
    assert.equal(examination.verdict, "rejected", name);
    assert.equal(examination.code, "corrupt", name);
    assert.match(examination.detail, /^The PDF is damaged or incomplete: .+\.$/);
  }
});

test("lines before the header and rubbish behind the end do not harm", async () => {
  const document = pdf({ content: quartersOf(612, 792) });
  const wrapped = Buffer.concat([
    Buffer.from("X-Mailer: one\r\n\r\n".repeat(20)),
    document,
    Buffer.alloc(3000, 0x20),
  ]);
  assertNear(await cornersOf(await accepted(wrapped)), [RED, GREEN, BLUE, GREY]);
});

test("objects nested ever so deep end in a verdict", async () => {
  const deep = (open: string, close: string, depth = 200_000): string =>
    open.repeat(depth) + close.repeat(depth);
  const cases: PageOptions[] = [
    { catalogue: `/Deep ${deep("[", "]")}` },
    { catalogue: `/Deep ${deep("<</A ", ">>")}` },
    { content: deep("q ", "Q ") },
    { content: deep("[", "]") },
    { content: deep("<</A ", ">>") },
    { page: "/Resources<</XObject<</F 5 0 R>>>>", content: "/F Do", objects: [formThatDraws("/F Do")] },
    { page: "/Resources 5 0 R", objects: ["5 0 R"] },
  ];
  for (const options of cases) {
    const examination = await examine(pdf(options));
    assert.ok(examination.verdict === "accepted" || examination.code === "corrupt");
  }
  const cyclic = pdfOf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 3/Kids[2 0 R 2 0 R]>>"]);
  assert.equal((await examine(cyclic)).verdict, "rejected");
});

test("what stands is told before the page is drawn, and drawn it is once", async () => {
  const calls: string[] = [];
  const watched: typeof openPdf = async (file) => {
    const document = await openPdf(file);
    if (typeof document === "string" || "lockedActiveContent" in document) return document;
    const watchedPage = (number: number) => {
      const page = document.page(number);
      return (
        page && {
          ...page,
          draw(width: number, height: number) {
            calls.push("drawn");
            return page.draw(width, height);
          },
        }
      );
    };
    return { ...document, page: watchedPage };
  };
  const tellSoFar = async (examination: Accepted) => void calls.push(JSON.stringify(examination.document));
  const examination = await examine(pdf({ pages: 2 }), {}, watched, tellSoFar);
  assertAccepted(examination);
  assert.equal(examination.pictures.length, 2);
  assert.deepEqual(calls, ['{"pageCount":2}', "drawn"]);
});

test("cut and flipped bytes never end in anything but a verdict", async () => {
  const form = stream("1 0 0 rg 0 0 50 50 re f", "/Type/XObject/Subtype/Form/BBox[0 0 50 50]");
  const sound = pdf({
    pages: 2,
    width: 100,
    height: 100,
    content: `${quartersOf(100, 100)} /F Do BT /T 12 Tf (text) Tj ET`,
    page: "/Resources<</XObject<</F 5 0 R>>/Font<</T<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>",
    objects: [form],
  });
  const derivatives = [{ name: "page", width: 100, height: 100, fit: "contain" }] as const;
  const flips = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { maxLength: 20 });
  const property = fc.asyncProperty(flips, fc.nat(sound.length), async (changes, length) => {
    const damaged = Buffer.from(sound.subarray(0, length < sound.length / 2 ? sound.length : length));
    for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
    const examination = await examine(damaged, { derivatives });
    if (examination.verdict === "rejected") assert.equal(examination.code, "corrupt");
  });
  await fc.assert(property, { numRuns: 200 });
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deflateSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { photo } from "../made-images.test-data.ts";
import { pdf, protectedPdf, stream } from "../made-pdfs.test-data.ts";
import { openPdf } from "../open-pdf.ts";
import { bytesSource } from "./iso-boxes.ts";
import { joinPieces, UnstrippableError } from "./pieces.ts";
import { stripPdf } from "./strip-pdf.ts";

const place = "Somewhere 52.5";

const xmpOf = (schemas: string, content: string) =>
  `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description ${schemas}>${content}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;
const document = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"';
const ofDocument = xmpOf(document, `<dc:title>A title</dc:title><pdfaid:part>3</pdfaid:part>`);
const ofCamera = xmpOf('xmlns:exif="http://ns.adobe.com/exif/1.0/"', `<exif:Where>${place}</exif:Where>`);
const deflated = (text: string | Buffer) => deflateSync(text).toString("latin1");

const metadata = (content: string, dictionary = "/Type/Metadata/Subtype/XML") => stream(content, dictionary);
const flate = "/Filter/FlateDecode";
const jpeg = await photo(40, 30)
  .withExif({ IFD0: { Make: place } })
  .jpeg()
  .toBuffer();
const plainJpeg = await photo(40, 30).jpeg().toBuffer();

const picture = (content: string | Buffer, filter: string) =>
  stream(
    content.toString("latin1"),
    `/Type/XObject/Subtype/Image/Width 40/Height 30/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter ${filter}`,
  );
/** A page that shows it, as the fifth object. */
const showing = (object: string, ...more: readonly string[]) =>
  pdf({
    width: 40,
    height: 30,
    content: "40 0 0 30 0 0 cm /P Do",
    page: "/Resources<</XObject<</P 5 0 R>>>>",
    objects: [object, ...more],
  });
const holding = (...objects: readonly string[]) => pdf({ objects });

/** With what an object begins with written in another way. */
function respelled(bytes: Buffer, header: string, otherwise: string): Buffer {
  const text = bytes.toString("latin1").replace(header, otherwise);
  return Buffer.from(text.replace(/(?<=startxref\n)\d+/, String(text.lastIndexOf("\nxref") + 1)), "latin1");
}

const ascii85 = (bytes: Buffer): string => {
  const groups = Array.from({ length: Math.ceil(bytes.length / 4) }, (_, index) => {
    const given = bytes.subarray(4 * index, 4 * index + 4);
    const value = Buffer.concat([given, Buffer.alloc(4 - given.length)]).readUInt32BE();
    const characters = [4, 3, 2, 1, 0].map((power) =>
      String.fromCharCode(33 + (Math.floor(value / 85 ** power) % 85)),
    );
    return characters.join("").slice(0, given.length + 1);
  });
  return `${groups.join("")}~>`;
};
const packedTwice = stream(ascii85(deflateSync(ofCamera)), "/Filter[/ASCII85Decode /FlateDecode]");

async function strip(original: Buffer): Promise<{ readonly given: Buffer; readonly isSame: boolean }> {
  const { pieces, isSame } = await stripPdf(bytesSource(original));
  const given = joinPieces(original, pieces);
  assert.equal(given.length, original.length);
  assert.ok((await stripPdf(bytesSource(given))).isSame, "once more changes nothing");
  return { given, isSame };
}

async function drawn(bytes: Buffer): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "stowage-pdf-"));
  try {
    writeFileSync(join(folder, "document"), bytes);
    const opened = await openPdf(join(folder, "document"));
    assert.ok(typeof opened !== "string" && "pageCount" in opened);
    return opened.page(1)?.draw(40, 30) ?? assert.fail("no page");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const uuidBox = (text: string) => {
  const bytes = Buffer.alloc(24 + text.length);
  bytes.writeUInt32BE(bytes.length);
  bytes.write("uuid", 4);
  bytes.write(text, 24);
  return bytes;
};

/** A codestream of JPEG 2000 with a comment in its header and in its tile's, and no pixels. */
function jpeg2000(text: string): Buffer {
  const segment = (code: number, content: Buffer) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(code);
    head.writeUInt16BE(content.length + 2, 2);
    return Buffer.concat([head, content]);
  };
  const comment = segment(0xff64, Buffer.concat([Buffer.from([0, 1]), Buffer.from(text)]));
  const tile = Buffer.concat([comment, Buffer.from([0xff, 0x93, 7, 7])]);
  const place = Buffer.alloc(8);
  place.writeUInt32BE(12 + tile.length, 2);
  place[7] = 1;
  const code = [
    Buffer.from([0xff, 0x4f]),
    segment(0xff51, Buffer.alloc(38)),
    comment,
    segment(0xff90, place),
    tile,
  ];
  const codestream = Buffer.concat([...code, Buffer.from([0xff, 0xd9])]);
  const jp2c = Buffer.alloc(8);
  jp2c.writeUInt32BE(codestream.length + 8);
  jp2c.write("jp2c", 4);
  return Buffer.concat([
    Buffer.from("\0\0\0\x0cjP  \r\n\x87\n", "latin1"),
    Buffer.from("\0\0\0\x14ftypjp2 \0\0\0\0jp2 ", "latin1"),
    uuidBox(text),
    jp2c,
    codestream,
  ]);
}

/** Each says the place in a way of its own; what is packed says it once it is unpacked. */
const hidden: Readonly<Record<string, Buffer>> = {
  "XMP of a camera": holding(metadata(ofCamera)),
  "XMP of a camera, packed": holding(metadata(deflated(ofCamera), `/Type/Metadata${flate}`)),
  "XMP with a name of its own for a place": holding(
    metadata(xmpOf(document, `<dc:coverage>${place}</dc:coverage>`)),
  ),
  "XMP that does not say what it is": holding(stream(ofCamera), stream(deflated(ofCamera), flate)),
  "XMP whose name is written otherwise": holding(metadata(`${place} `, "/#54ype/Meta#64ata")),
  "XMP in UTF-16": holding(
    metadata(Buffer.from(`\ufeff${ofCamera}`, "utf16le").toString("latin1")),
    stream(place, "/Type/Metadata"),
  ),
  "XMP in an earlier revision": Buffer.concat([holding(metadata(ofCamera)), holding()]),
  "XMP with a wrong length": Buffer.from(
    holding(metadata(ofCamera))
      .toString("latin1")
      .replace(/\/Length \d+(?=\/Type)/, "/Length 3"),
    "latin1",
  ),
  "EXIF of a JPEG": showing(picture(jpeg, "/DCTDecode")),
  "EXIF of a JPEG, in an array of one filter": showing(picture(jpeg, "[ /DCTDecode ]")),
  "EXIF of a JPEG that is packed again": showing(picture(deflateSync(jpeg), "[/FlateDecode /DCTDecode]")),
  "EXIF of a JPEG whose object's number stands far from the word": respelled(
    showing(picture(jpeg, "/DCTDecode")),
    "5 0 obj",
    `5 0${" ".repeat(200)}obj`,
  ),
  "EXIF of a JPEG with a comment before the word": respelled(
    showing(picture(jpeg, "/DCTDecode")),
    "5 0 obj",
    "5 0 %c\nobj",
  ),
  "XMP behind many spaces": holding(
    stream(" ".repeat(6000) + ofCamera),
    stream(deflated(" ".repeat(6000) + ofCamera), flate),
    stream(" ".repeat(6000) + place, "/Subtype/XML"),
  ),
  "XMP with prefixes of its own": holding(
    stream(
      ofCamera
        .replaceAll("rdf:", "r:")
        .replace("xmlns:rdf", "xmlns:r")
        .replace(/<[?/]?x[^>]*>/g, ""),
    ),
  ),
  "what is called metadata by the catalogue alone": pdf({
    catalogue: "/Metadata 5 0 R",
    objects: [stream(place, "/Subtype/Image")],
  }),
  "what is called metadata in an object stream alone": pdf({
    objects: [
      stream(deflated("9 0 <</Meta#64ata 6 0 R>>"), `/Type/ObjStm/N 1/First 4${flate}`),
      stream(place, "/Subtype/Image"),
    ],
  }),
  "what follows the end": Buffer.concat([showing(picture(plainJpeg, "/DCTDecode")), jpeg]),
  "what follows the end without a new line": Buffer.concat([holding().subarray(0, -1), jpeg]),
  "what follows the end, and calls itself one": Buffer.concat([holding(), jpeg, Buffer.from("\n%%EOF\n")]),
  "what stands between two revisions": Buffer.concat([holding(), Buffer.from(`<x>${place}</x>`), holding()]),
  "what follows packed data": holding(
    stream(`${deflated("q Q")}${place}`, flate),
    metadata(`${deflated(ofDocument)}\n${place}`, `/Type/Metadata${flate}`),
  ),
  "what stands between objects": respelled(holding(), "4 0 obj", `(${place}) 4 0 obj`),
  "what follows a JPEG": showing(picture(Buffer.concat([plainJpeg, Buffer.from(place)]), "/DCTDecode")),
};

/** With every packed stream unpacked. */
const inTheOpen = (bytes: Buffer): Buffer =>
  Buffer.concat([
    bytes,
    ...bytes
      .toString("latin1")
      .split("stream\n")
      .flatMap((part) => {
        const found = Buffer.from(part, "latin1");
        return found[0] === 0x78 ? [inflateSync(found)] : [];
      }),
  ]);
const tells = (bytes: Buffer) => inTheOpen(bytes).toString("latin1").replaceAll("\0", "").includes(place);

for (const [where, original] of Object.entries(hidden))
  test(`says no place in ${where}, and shows the same`, async () => {
    assert.ok(tells(original));
    const { given } = await strip(original);
    assert.ok(!tells(given));
    assert.deepEqual(await drawn(given), await drawn(original));
  });

test("writes over nothing of the objects behind a picture whose own end was left out", async () => {
  const length = "/Length 9 0 R";
  const original = Buffer.from(
    showing(picture(jpeg, "/DCTDecode"), stream("another"))
      .toString("latin1")
      .replace(/\/Length \d+(?=\/Type\/XObject)/, length)
      .replace("endstream\nendobj\n6 0 obj", "endstream\n6 0 obj"),
    "latin1",
  );
  assert.ok(original.includes(length));
  const { given } = await strip(original);
  assert.ok(given.includes("6 0 obj\n<</Length 7>>\nstream\nanother\nendstream"));
  assert.ok(!given.includes(place));
});

test("says no place in boxes and comments of JPEG 2000", async () => {
  const original = showing(picture(jpeg2000(place), "/JPXDecode"));
  const { given } = await strip(original);
  assert.equal(original.toString("latin1").split(place).length, 4);
  assert.ok(!given.includes(place));
});

test("gives a document as it is that says nothing but what documents say of themselves", async () => {
  const attachment = stream("<invoice>7</invoice>", "/Type/EmbeddedFile");
  const { isSame } = await strip(
    showing(
      picture(plainJpeg, "/DCTDecode"),
      metadata(ofDocument),
      metadata(deflated(ofDocument), `/Type/Metadata${flate}`),
      attachment,
      stream(deflated("<invoice>7</invoice>"), `/Type/EmbeddedFile${flate}`),
      "<</Title(A title)/Author(Somebody)>>",
    ),
  );
  assert.ok(isSame);
});

test("says no place in XMP that is packed twice, which the catalogue alone calls metadata", async () => {
  const original = pdf({ catalogue: "/Metadata 5 0 R", objects: [packedTwice] });
  const { given, isSame } = await strip(original);
  assert.ok(!isSame);
  assert.ok(!given.includes(ascii85(deflateSync(ofCamera)).slice(0, 40)));
  const unnamed = await strip(holding(packedTwice));
  assert.ok(!unnamed.given.includes(ascii85(deflateSync(ofCamera)).slice(0, 40)));
});

test("leaves forms and programs' data alone in which there is XMP of a document", async () => {
  const within = (xmp: string) => `<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><form/>${xmp}</xdp:xdp>`;
  assert.ok((await strip(holding(stream(within(ofDocument)), stream(`%AI5 ${ofDocument}`)))).isSame);
  await assert.rejects(stripPdf(bytesSource(holding(stream(within(ofCamera))))), UnstrippableError);
});

test("leaves comments, spaces and tables between objects as they are", async () => {
  const padded = respelled(holding(), "4 0 obj", "%made by a program\n\n\0 4 0 obj");
  assert.ok((await strip(Buffer.concat([padded, Buffer.from("\r\n\0\0 \x1a")]))).isSame);
  assert.ok((await strip(Buffer.concat([holding(), holding()]))).isSame);
});

test("leaves of XMP that goes some that readers can read", async () => {
  const { given } = await strip(
    holding(metadata(ofCamera), metadata(deflated(ofCamera), `/Type/Metadata${flate}`)),
  );
  assert.equal(inTheOpen(given).toString("latin1").split("<rdf:RDF").length, 3);
});

test("gives nothing of a document with files attached that are no text, or pictures that can't be looked into", async () => {
  for (const object of [
    stream(jpeg.toString("latin1"), "/Type/EmbeddedFile"),
    stream(deflated(jpeg), `/Type/EmbeddedFile${flate}`),
    stream(deflated(jpeg), flate),
    stream(`%PDF-1.7 ${place}`),
    stream(place, "/Type/EmbeddedFile/Filter/ASCIIHexDecode"),
    picture(jpeg.toString("hex"), "[/ASCIIHexDecode /DCTDecode]"),
    picture("encrypted", "/DCTDecode"),
    picture("encrypted", "/JPXDecode"),
    picture(jpeg, "9 0 R"),
    `<</Filter/DCTDecode/Filter/FlateDecode/Length 3>>\nstream\nabc\nendstream`,
    stream("no deflated data", flate),
    stream(place, "/Filter/Crypt"),
    stream(place, "/Type/ObjStm/Filter/Crypt"),
    stream(deflated(place), `${flate}/DecodeParms 9 0 R`),
    stream(`q BI /W 4 /H 3 /F /DCT ID \xff\xd8\xff${place} EI Q`),
    stream(`q BI /F [/A85 /DCT] ID ${ascii85(jpeg)} EI Q`),
    stream(deflated(`a program's data ${jpeg.toString("latin1")}`), flate),
    stream(ofCamera, "/Type/EmbeddedFile"),
    `<</EF<</F 6 0 R>>>>\nendobj\n6 0 obj\n${stream(`no text \0${place}`)}`,
    `<</EF 9 0 R>>`,
    `<</A 1>> %c\nstream\n${place}\nendstream\nendobj\nobj <</A 1>> stream\n${place}\nendstream`,
    `(<</A 1>>\nstream\n${place}\nendstream)`,
    "<</Length 3/Type/Metadata (unbalanced >>\nstream\nabc\nendstream",
  ])
    await assert.rejects(stripPdf(bytesSource(holding(object))), UnstrippableError, object.slice(0, 60));
});

test("gives nothing of a document that is encrypted, also where it opens without a password", async () => {
  await assert.rejects(stripPdf(bytesSource(protectedPdf(""))), /encrypted/);
});

test("changes nothing in a document that is signed: it is given as it is, or not at all", async () => {
  const signature = "<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>";
  assert.ok((await strip(holding(signature, metadata(ofDocument)))).isSame);
  await assert.rejects(stripPdf(bytesSource(holding(signature, metadata(ofCamera)))), /signed/);
  await assert.rejects(stripPdf(bytesSource(showing(picture(jpeg, "/DCTDecode"), signature))), /signed/);
});

test("a hundred thousand objects, open brackets and streams without end take no more than moments", async () => {
  for (const text of [
    "1 0 obj<<",
    "1 0 obj<</A[",
    "1 0 obj<</A(",
    "1 0 obj<</Length 1>>stream\n",
    "1 0 obj<</Filter/FlateDecode/Length 99999999>>stream\nendstream",
    "1 0 obj %c\n",
    "%stream\n",
    ">>stream\n",
    "1 0 %c\n%c\nobj<<>>stream\nendstream endobj\n",
    "1 0 obj<</A(endobj ",
    "1 0 obj 5 endobj (x) ",
    "(x)<<",
    "1                                    0 obj",
  ]) {
    const bytes = Buffer.from(`%PDF-1.7\n${text.repeat(100_000)}`);
    // Of the processor: a busy machine takes longer.
    const started = process.cpuUsage();
    await stripPdf(bytesSource(bytes)).catch((error: unknown) =>
      assert.ok(error instanceof UnstrippableError),
    );
    assert.ok(process.cpuUsage(started).user < 20_000_000, text);
  }
});

test("ends in a refusal, or in a document of the same size, whatever is cut or flipped", async () => {
  const originals = [hidden["EXIF of a JPEG"], hidden["XMP of a camera, packed"]].map(
    (each) => each ?? Buffer.of(),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...originals),
      fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { maxLength: 6 }),
      fc.double({ min: 0.5, max: 1, noNaN: true }),
      async (original, changes, share) => {
        const bytes = Buffer.from(original.subarray(0, Math.ceil(original.length * share)));
        for (const { at, value } of changes) bytes[at % bytes.length] = value;
        try {
          const { pieces } = await stripPdf(bytesSource(bytes));
          assert.equal(joinPieces(bytes, pieces).length, bytes.length);
        } catch (error) {
          assert.ok(error instanceof UnstrippableError, String(error));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("a JPEG in a document is shown by others as before", async () => {
  const { given } = await strip(showing(picture(jpeg, "/DCTDecode")));
  const from = given.indexOf(Buffer.from([0xff, 0xd8]));
  const inside = given.subarray(from, from + jpeg.length);
  assert.deepEqual(await sharp(inside).raw().toBuffer(), await sharp(jpeg).raw().toBuffer());
  assert.equal((await sharp(inside).metadata()).exif, undefined);
});

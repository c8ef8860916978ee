// Files that are made to hurt who opens them.
import { crc32, deflateRawSync } from "node:zlib";
import { animatedGif, blackPng, interlacedPng } from "./made-images.test-data.ts";
import { endlessPdf, pdf, pdfOf, swellingPdf } from "./made-pdfs.test-data.ts";

export interface HostileFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export function bombs(): readonly HostileFile[] {
  const png = (name: string, bytes: Buffer): HostileFile => ({ name, contentType: "image/png", bytes });
  const document = (name: string, bytes: Buffer): HostileFile => ({
    name,
    contentType: "application/pdf",
    bytes,
  });
  return [
    png("256 megapixels", blackPng(16_384, 16_384)),
    png("100 megapixels", blackPng(10_000, 10_000)),
    png("25 megapixels of 64 bits, all at once", interlacedPng(5000, 5000)),
    { name: "10,000 large frames", contentType: "image/gif", bytes: animatedGif(1000, 1000, 10_000) },
    { name: "10,000 small frames", contentType: "image/gif", bytes: animatedGif(100, 100, 10_000) },
    document("arrays in arrays", pdf({ catalogue: `/Deep ${"[".repeat(200_000)}${"]".repeat(200_000)}` })),
    document("dictionaries in dictionaries", pdf({ catalogue: `/Deep ${"<</D ".repeat(50_000)}` })),
    document("pages in pages", deepPages(20_000)),
    document(
      "pages within themselves",
      pdfOf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 9/Kids[2 0 R]>>"]),
    ),
    document("brackets in a page", pdf({ content: "q ".repeat(500_000) })),
    document("a form that draws itself twice", swellingPdf()),
    document("a page that takes for ever", endlessPdf()),
    { name: "zip in zip in zip", contentType: "application/zip", bytes: nestedZip(12) },
  ];
}

function deepPages(levels: number): Buffer {
  const nodes = Array.from(
    { length: levels },
    (_, index) => `<</Type/Pages/Count 1/Kids[${index + 3} 0 R]>>`,
  );
  return pdfOf(["<</Type/Catalog/Pages 2 0 R>>", ...nodes, "<</Type/Page/MediaBox[0 0 9 9]>>"]);
}

/** Ten of the next level in each; the innermost ten are 50 MB of nothing. */
function nestedZip(levels: number): Buffer {
  const content = levels === 0 ? Buffer.alloc(50_000_000) : nestedZip(levels - 1);
  return zip(content, 10, levels === 0 ? "nothing" : "next.zip");
}

/** APPNOTE.TXT 4.3: the same content under so many names. */
function zip(content: Buffer, count: number, name: string): Buffer {
  const packed = deflateRawSync(content);
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (let index = 0; index < count; index += 1) {
    const path = Buffer.from(`${index}-${name}`);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(path.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    local.push(Buffer.from("PK\x03\x04"), common, path, packed);
    central.push(Buffer.from("PK\x01\x02\x14\x00"), common, rest, path);
    offset += 30 + path.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from("PK\x05\x06"), end]);
}

/** Every way in which an SVG can ask for something else, from a server and from the file system. */
export function fetchingSvgs(server: string, file: string): readonly HostileFile[] {
  const svg = (body: string, before = ""): string =>
    `<?xml version="1.0"?>${before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">${body}</svg>`;
  const every = (source: string): readonly (readonly [string, string])[] => [
    ["image", svg(`<image xlink:href="${source}" width="64" height="64"/>`)],
    ["use", svg(`<use href="${source}#x"/>`)],
    ["style sheet", svg("<rect/>", `<?xml-stylesheet href="${source}"?>`)],
    [
      "import",
      svg(`<style>@import url("${source}"); @font-face{font-family:f;src:url("${source}")}</style>`),
    ],
    ["fill", svg(`<rect width="64" height="64" fill="url(${source}#x)"/>`)],
    [
      "filter",
      svg(
        `<filter id="f"><feImage href="${source}"/></filter><rect filter="url(#f)" width="64" height="64"/>`,
      ),
    ],
    ["entity", svg("<text y='20'>&x;</text>", `<!DOCTYPE svg [<!ENTITY x SYSTEM "${source}">]>`)],
    ["document type", svg("<rect/>", `<!DOCTYPE svg SYSTEM "${source}">`)],
    [
      "inclusion",
      svg(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${source}" parse="text"/>`),
    ],
    [
      "page",
      svg(
        `<foreignObject width="64" height="64"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${source}"/></foreignObject>`,
      ),
    ],
  ];
  return [server, file].flatMap((source) =>
    every(source).map(([way, text]) => ({
      name: `${way} of ${source.split(":")[0]}`,
      contentType: "image/svg+xml",
      bytes: Buffer.from(text),
    })),
  );
}

/** Of bytes, with a share of them missing at the end. */
export function cut(bytes: Buffer, random: () => number): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length * random()));
}

/** Of bytes, with one to sixteen bits turned, one of them in the first kilobyte, where formats say what they are. */
export function flipped(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes);
  const flips = 1 + Math.floor(random() * 16);
  for (let flip = 0; flip < flips; flip += 1) {
    const within = flip === 0 ? Math.min(copy.length, 1024) : copy.length;
    const at = Math.floor(random() * within);
    copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  }
  return copy;
}

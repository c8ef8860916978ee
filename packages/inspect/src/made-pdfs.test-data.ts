import { createHash } from "node:crypto";
import { BLUE, type Colour, GREEN, GREY, RED } from "./made-images.test-data.ts";

/** A PDF of numbered objects, from 1: `<<…>>`, or anything else that an object can be. The first is the catalogue. */
export function pdfOf(objects: readonly string[], trailer = ""): Buffer {
  let text = "%PDF-1.7\n";
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const offset of offsets) text += `${String(offset).padStart(10, "0")} 00000 n \n`;
  text += `trailer\n<</Size ${objects.length + 1}/Root 1 0 R${trailer}>>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, "latin1");
}

export function stream(content: string, dictionary = ""): string {
  return `<</Length ${content.length}${dictionary}>>\nstream\n${content}\nendstream`;
}

export interface PageOptions {
  readonly pages?: number;
  /** In points. */
  readonly width?: number;
  readonly height?: number;
  /** Operators that draw. */
  readonly content?: string;
  /** Entries of the first page, of the catalogue, and further objects, numbered from 5. */
  readonly page?: string;
  readonly catalogue?: string;
  readonly objects?: readonly string[];
}

/** All pages but the first are one and the same empty one. */
export function pdf({ pages = 1, width = 612, height = 792, ...rest }: PageOptions = {}): Buffer {
  const { content = "", page = "", catalogue = "", objects = [] } = rest;
  const box = `/MediaBox[0 0 ${width} ${height}]`;
  const empty = 5 + objects.length;
  return pdfOf([
    `<</Type/Catalog/Pages 2 0 R${catalogue}>>`,
    `<</Type/Pages/Count ${pages}/Kids[3 0 R${` ${empty} 0 R`.repeat(pages - 1)}]>>`,
    `<</Type/Page/Parent 2 0 R${box}/Contents 4 0 R${page}>>`,
    stream(content),
    ...objects,
    `<</Type/Page/Parent 2 0 R${box}>>`,
  ]);
}

/** Red, green, blue and grey quarters of a page, clockwise from the top left. */
export function quartersOf(width: number, height: number): string {
  const quarter = (colour: Colour, x: number, y: number): string =>
    `${colour.map((value) => value / 255).join(" ")} rg ${x} ${y} ${width / 2} ${height / 2} re f`;
  const [left, right, bottom, top] = [0, width / 2, 0, height / 2];
  return [
    quarter(RED, left, top),
    quarter(GREEN, right, top),
    quarter(BLUE, right, bottom),
    quarter(GREY, left, bottom),
  ].join("\n");
}

/** A form with itself, object 5, as its resource `F`: `/F Do` draws it again. */
export function formThatDraws(content: string): string {
  const resources = "/Resources<</XObject<</F 5 0 R>>>>";
  return stream(content, `/Type/XObject/Subtype/Form/BBox[0 0 612 792]${resources}`);
}

/** A page whose drawing needs more memory than there is: a form that draws itself twice, and so on. */
export function swellingPdf(): Buffer {
  const page = "/Resources<</XObject<</F 5 0 R>>>>";
  return pdf({ page, content: "/F Do", objects: [formThatDraws("/F Do /F Do")] });
}

/** More work than any page has: a square filled with a shading whose every pixel takes a long calculation, many times. */
export function endlessPdf(): Buffer {
  const calculation = `{ ${"dup mul sin abs ".repeat(400)} 0 0 }`;
  const shading = `<</ShadingType 1/ColorSpace/DeviceRGB/Domain[0 1 0 1]/Matrix[600 0 0 700 0 0]/Function 6 0 R>>`;
  return pdf({
    page: "/Resources<</Shading<</S 5 0 R>>>>",
    content: "/S sh\n".repeat(2000),
    objects: [shading, stream(calculation, "/FunctionType 4/Domain[0 1 0 1]/Range[0 1 0 1 0 1]")],
  });
}

/** The padding of passwords (ISO 32000-1, 7.6.3.3, algorithm 2). */
const passwordPadding = Buffer.from(
  "28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A",
  "hex",
);

/** Encrypted by the standard handler, revision 2: RC4 of 40 bits, which opens with the password and not without. */
export function protectedPdf(password: string, catalogue = ""): Buffer {
  const id = Buffer.alloc(16, 7);
  const padded = Buffer.concat([Buffer.from(password, "latin1"), passwordPadding]).subarray(0, 32);
  const owner = rc4(md5(padded).subarray(0, 5), padded);
  const permissions = Buffer.from("fcffffff", "hex");
  const key = md5(Buffer.concat([padded, owner, permissions, id])).subarray(0, 5);
  const user = rc4(key, passwordPadding);
  const hex = (bytes: Buffer): string => `<${bytes.toString("hex")}>`;
  const encrypt = `<</Filter/Standard/V 1/R 2/P -4/O${hex(owner)}/U${hex(user)}>>`;
  const objects = [
    `<</Type/Catalog/Pages 2 0 R${catalogue}>>`,
    "<</Type/Pages/Count 1/Kids[3 0 R]>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>",
    encrypt,
  ];
  return pdfOf(objects, `/Encrypt 4 0 R/ID[${hex(id)}${hex(id)}]`);
}

function md5(bytes: Buffer): Buffer {
  return createHash("md5").update(bytes).digest();
}

function rc4(key: Buffer, bytes: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const at = (index: number): number => state[index & 255] ?? 0;
  const swap = (a: number, b: number): void => {
    [state[a & 255], state[b & 255]] = [at(b), at(a)];
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j += at(i) + (key[i % key.length] ?? 0);
    swap(i, j);
  }
  let j = 0;
  return Buffer.from(
    bytes.map((byte, index) => {
      const i = index + 1;
      j += at(i);
      swap(i, j);
      return byte ^ at(at(i) + at(j));
    }),
  );
}

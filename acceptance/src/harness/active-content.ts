import { crc32 } from "node:zlib";
import { makePdf } from "./documents.ts";
import { cutShort, makeJpeg, makePng, makeWebp } from "./images.ts";

/** Bytes that run a script where a browser is led to take them for a page, a picture with scripts, or a program. */
export interface ActiveContent {
  readonly what: string;
  readonly bytes: Buffer;
  /** The type that it may pass for; of none, every type is tried. */
  readonly passesFor?: string;
  readonly name: string;
}

/** What a script calls that runs: every page and frame of the browser has it. */
export const alarm = "stowageScriptRan";

const call = (what: string) => `(globalThis.${alarm}||parent.${alarm}||function(){})("${what}")`;
const page = (what: string) =>
  `<!doctype html><html><body><script>${call(what)}</script><img src=x onerror='${call(what)}'></body></html>`;
const svg = (what: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="30" onload='${call(what)}'><script>${call(what)}</script><rect width="40" height="30" fill="teal"/><foreignObject width="40" height="30"><iframe xmlns="http://www.w3.org/1999/xhtml" srcdoc="&lt;script&gt;parent.${alarm}('${what}')&lt;/script&gt;"/></foreignObject></svg>`;

/** A GIF whose first bytes begin a JavaScript comment that ends after the picture (its width is the comment's mark). */
function gifThatIsScript(what: string): Buffer {
  const picture = Buffer.from("R0lGODlhAQABAIAAAP8AAAAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");
  const gif = Buffer.from(picture);
  gif.write("/*", 6, "latin1");
  return Buffer.concat([gif, Buffer.from(`*/=1;${call(what)};`)]);
}

function withPngText(png: Buffer, text: string): Buffer {
  const content = Buffer.from(`tEXtComment\0${text}`, "latin1");
  const head = Buffer.alloc(4);
  head.writeUInt32BE(content.length - 4);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(content));
  // After the signature and IHDR.
  return Buffer.concat([png.subarray(0, 33), head, content, check, png.subarray(33)]);
}

function withJpegComment(jpeg: Buffer, text: string): Buffer {
  const head = Buffer.from([0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(text.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, Buffer.from(text, "latin1"), jpeg.subarray(2)]);
}

/** A PDF that asks its reader to run JavaScript, to open an address and to launch a program, as soon as it is opened. */
function pdfWithScript(what: string): Buffer {
  const text = makePdf(1).toString("latin1");
  const action = `/OpenAction<</S/JavaScript/JS(app.alert\\("${what}"\\);)>>/AA<</WC<</S/URI/URI(javascript:${alarm})>>>>`;
  return Buffer.from(text.replace("/Type/Catalog", `/Type/Catalog${action}`), "latin1");
}

/** Pages, pictures with scripts and polyglots. */
export async function makeActiveContent(): Promise<readonly ActiveContent[]> {
  const [jpeg, png, webp] = await Promise.all([makeJpeg(), makePng(), makeWebp()]);
  const pdf = pdfWithScript("pdf");
  const after = (bytes: Buffer, what: string) => Buffer.concat([bytes, Buffer.from(page(what))]);
  return [
    { what: "HTML", bytes: Buffer.from(page("html")), name: "page.html" },
    { what: "SVG", bytes: Buffer.from(svg("svg")), name: "drawing.svg" },
    {
      what: "XHTML",
      bytes: Buffer.from(
        `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>${call("xhtml")}</script></html>`,
      ),
      name: "page.xhtml",
    },
    { what: "JavaScript", bytes: Buffer.from(`${call("js")};`), name: "script.js" },
    {
      what: "a JPEG with a page in its comment and after its end",
      bytes: after(withJpegComment(jpeg, page("jpeg comment")), "jpeg end"),
      passesFor: "image/jpeg",
      name: "photo.jpg",
    },
    {
      what: "a PNG with a page in its text and after its end",
      bytes: after(withPngText(png, page("png text")), "png end"),
      passesFor: "image/png",
      name: "photo.png",
    },
    {
      what: "a WebP with a page after its end",
      bytes: after(webp, "webp end"),
      passesFor: "image/webp",
      name: "photo.webp",
    },
    {
      what: "a GIF that is JavaScript",
      bytes: gifThatIsScript("gif"),
      passesFor: "image/gif",
      name: "moving.gif",
    },
    { what: "a PDF with JavaScript", bytes: pdf, passesFor: "application/pdf", name: "report.pdf" },
    {
      what: "a PDF after a page",
      bytes: Buffer.concat([Buffer.from(page("page before pdf")), pdf]),
      passesFor: "application/pdf",
      name: "report.pdf",
    },
    { what: "half a page", bytes: cutShort(Buffer.from(page("half").repeat(2))), name: "page.htm" },
  ];
}

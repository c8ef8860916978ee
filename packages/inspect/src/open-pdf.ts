import { open } from "node:fs/promises";
import type { ActiveContent } from "./inspection.ts";
import { type Pdfium, startPdfium } from "./pdfium.ts";
import { rewritePdf } from "./rewrite-pdf.ts";
import { scanPdfSyntax } from "./scan-pdf-syntax.ts";

/** PDFium itself came to grief over a file: a trap, no memory left, a nesting too deep for its stack. */
export class PdfiumFailedError extends Error {
  override readonly name = "PdfiumFailedError";
}

/** A PDF in memory. Everything here throws PdfiumFailedError. */
export interface OpenPdf {
  /** What a reader could be made to run or fetch by it: by what PDFium sees, and by what stands in the file. */
  activeContent(): ReadonlySet<ActiveContent>;
  /** What its page tree says: pages are not visited to be counted. */
  readonly pageCount: number;
  /** A page, from 1; `undefined` where it can't be found or read. */
  page(number: number): PdfPage | undefined;
}

export interface PdfPage {
  /** As shown: cropped and turned. In points, of which 72 are an inch. */
  readonly width: number;
  readonly height: number;
  /**
   * The page on white paper with its annotations and what is filled into its forms, as RGB.
   * @param width and height in pixels
   */
  draw(width: number, height: number): Buffer;
}

/** `damaged`: not a PDF that can be read at all. */
export type OpenFailure = "damaged" | "out-of-memory" | LockedPdf;

/** Can't be opened without a password. */
export interface LockedPdf {
  /** As far as it is not encrypted: names are not, unless they are packed into streams. */
  readonly lockedActiveContent: ReadonlySet<ActiveContent>;
}

/** fpdfview.h */
const errors = { password: 4, security: 5 } as const;
const bitmapFormatBgr = 2;
const render = { annotations: 0x01, reverseByteOrder: 0x10 } as const;
const white = 0xffffffff;

/** Opens a PDF in a PDFium of its own, which goes with it. Throws PdfiumFailedError, or what reading the file throws. */
export async function openPdf(path: string): Promise<OpenPdf | OpenFailure> {
  const pdfium = await startPdfium();
  await using file = await open(path);
  const { size } = await file.stat();
  const start = pdfium.wasmExports.malloc(size);
  if (start === 0) return "out-of-memory";
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(pdfium.HEAPU8, start + at, size - at, at);
    if (bytesRead === 0) throw new Error(`The file ended after ${at} of ${size} bytes.`);
    at += bytesRead;
  }
  // Its memory moves where it grows: looked up each time.
  const inMemory = (): Uint8Array => pdfium.HEAPU8.subarray(start, start + size);
  const document = guarded(() => pdfium._FPDF_LoadMemDocument(start, size, 0));
  if (document === 0) {
    const error = pdfium._FPDF_GetLastError();
    // Also where the way of its encryption is another than by passwords: to a certificate, say.
    const isLocked = error === errors.password || error === errors.security;
    return isLocked ? { lockedActiveContent: scanPdfSyntax(inMemory()) } : "damaged";
  }
  return {
    activeContent: () =>
      guarded(
        () =>
          new Set([...scanPdfSyntax(inMemory()), ...scanPdfSyntax(rewritePdf(pdfium, document, size), true)]),
      ),
    pageCount: guarded(() => pdfium._FPDF_GetPageCount(document)),
    page: (number) =>
      guarded(() => {
        const page = pdfium._FPDF_LoadPage(document, number - 1);
        if (page === 0) return undefined;
        return {
          width: pdfium._FPDF_GetPageWidth(page),
          height: pdfium._FPDF_GetPageHeight(page),
          draw: (width, height) => guarded(() => drawPage(pdfium, document, page, width, height)),
        };
      }),
  };
}

function guarded<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw new PdfiumFailedError(`PDFium failed: ${error}`, { cause: error });
  }
}

function drawPage(pdfium: Pdfium, document: number, page: number, width: number, height: number): Buffer {
  const rowBytes = width * 3;
  const pixels = pdfium.wasmExports.malloc(rowBytes * height);
  if (pixels === 0) throw new RangeError("There is no memory for the page's pixels.");
  const bitmap = pdfium._FPDFBitmap_CreateEx(width, height, bitmapFormatBgr, pixels, rowBytes);
  if (bitmap === 0) throw new RangeError(`There is no bitmap of ${width} × ${height} pixels.`);
  pdfium._FPDFBitmap_FillRect(bitmap, 0, 0, width, height, white);
  const whole = [0, 0, width, height, 0] as const;
  pdfium._FPDF_RenderPageBitmap(bitmap, page, ...whole, render.annotations | render.reverseByteOrder);
  const form = openForm(pdfium, document);
  if (form !== 0) pdfium._FPDF_FFLDraw(form, bitmap, page, ...whole, render.reverseByteOrder);
  // Its memory moves where it grows: looked up only now.
  return Buffer.from(pdfium.HEAPU8.subarray(pixels, pixels + rowBytes * height));
}

/** FPDF_FORMFILLINFO version 2 without a single callback: fields are drawn, and nothing that they ask for is done. */
function openForm(pdfium: Pdfium, document: number): number {
  const informationBytes = 256;
  const information = pdfium.wasmExports.malloc(informationBytes);
  if (information === 0) return 0;
  pdfium.HEAPU8.fill(0, information, information + informationBytes);
  pdfium.HEAPU8[information] = 2;
  return pdfium._FPDFDOC_InitFormFillEnvironment(document, information);
}

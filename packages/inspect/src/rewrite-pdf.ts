import type { Pdfium } from "./pdfium.ts";

/** What is used here of Node's own: its types come with those of browsers only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { readonly call: unknown } };
};

interface FunctionTable {
  set(index: number, called: unknown): void;
}

/**
 * A module that gives its only import, of type `(i32, i32, i32) → i32`, back as a function that a table takes: JavaScript's
 * own are not.
 */
const passOn = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    [0x01, 0x08, 0x01, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x01, 0x7f],
    [0x02, 0x0a, 0x01, 0x01, 0x61, 0x04, 0x63, 0x61, 0x6c, 0x6c, 0x00, 0x00],
    [0x07, 0x08, 0x01, 0x04, 0x63, 0x61, 0x6c, 0x6c, 0x00, 0x00],
  ].flat(),
);

/** fpdf_save.h */
const removeSecurity = 3;

/**
 * Every object of an open document that something refers to, as PDFium understands it: those out of object streams stand in
 * the open, and nothing is encrypted. Throws what PDFium throws.
 *
 * @param likelyBytes - how long that will be, more or less
 */
export function rewritePdf(pdfium: Pdfium, document: number, likelyBytes: number): Buffer {
  // One buffer, whose pages are taken as they are written to: pieces would be there once more as they are put together.
  let written = Buffer.allocUnsafeSlow(withRoom(likelyBytes));
  let length = 0;
  const write = (_writer: number, data: number, bytes: number): number => {
    if (length + bytes > written.length) {
      const larger = Buffer.allocUnsafeSlow(withRoom(length + bytes));
      written.copy(larger, 0, 0, length);
      written = larger;
    }
    written.set(pdfium.HEAPU8.subarray(data, data + bytes), length);
    length += bytes;
    return 1;
  };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(passOn), { a: { call: write } });
  // The table can't grow. Its first place is that of the null pointer: nothing is ever called by it but this.
  const { __indirect_function_table: table } = pdfium.wasmExports as unknown as {
    readonly __indirect_function_table: FunctionTable;
  };
  table.set(0, instance.exports.call);
  // FPDF_FILEWRITE: a version, and where its function is.
  const writer = pdfium.wasmExports.malloc(8);
  if (writer === 0) throw new RangeError("There is no memory to write the document anew.");
  pdfium.HEAPU8.set([1, 0, 0, 0, 0, 0, 0, 0], writer);
  // A function that its types leave out.
  const { _FPDF_SaveAsCopy: save } = pdfium as unknown as {
    _FPDF_SaveAsCopy(document: number, writer: number, flags: number): number;
  };
  const isWritten = save(document, writer, removeSecurity);
  table.set(0, null);
  if (!isWritten) throw new RangeError("The document can't be written anew.");
  return written.subarray(0, length);
}

const withRoom = (bytes: number): number => Math.ceil(1.25 * bytes) + 1024 * 1024;

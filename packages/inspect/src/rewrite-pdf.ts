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
 */
export function rewritePdf(pdfium: Pdfium, document: number): Buffer {
  const pieces: Buffer[] = [];
  const write = (_writer: number, data: number, bytes: number): number => {
    pieces.push(Buffer.from(pdfium.HEAPU8.subarray(data, data + bytes)));
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
  return Buffer.concat(pieces);
}

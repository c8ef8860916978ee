import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** What is used of libheif's functions; results of a failed call have `code`. */
export interface Libheif {
  readonly heif_colorspace: { readonly heif_colorspace_RGB: unknown };
  readonly heif_chroma: {
    readonly heif_chroma_interleaved_RGB: unknown;
    readonly heif_chroma_interleaved_RGBA: unknown;
  };
  readonly heif_error_code: Readonly<Record<"heif_error_Ok" | "heif_error_Unsupported_feature", unknown>>;
  readonly HEAPU32: Uint32Array;
  _heif_get_global_security_limits(): number;
  heif_context_alloc(): unknown;
  heif_context_read_from_memory(context: unknown, bytes: Uint8Array): HeifError;
  heif_js_context_get_primary_image_handle(context: unknown): object | HeifError;
  heif_image_handle_get_width(handle: unknown): number;
  heif_image_handle_get_height(handle: unknown): number;
  heif_image_handle_has_alpha_channel(handle: unknown): number;
  heif_js_decode_image2(handle: unknown, colourSpace: unknown, chroma: unknown): DecodedHeif | HeifError;
}

export interface HeifError {
  readonly code: unknown;
  readonly message: string;
}

export interface DecodedHeif {
  /** One, of interleaved samples; its rows begin `stride` bytes apart. */
  readonly channels: readonly {
    readonly width: number;
    readonly height: number;
    readonly stride: number;
    readonly data: Uint8Array;
  }[];
}

type StartLibheif = (options: {
  instantiateWasm(imports: object, receive: (instance: object) => void): object;
}) => Libheif;

/** What is used here of Node's own: its types come with those of browsers only. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<CompiledModule>;
  readonly Instance: new (module: CompiledModule, imports: object) => { readonly exports: object };
};

/** Code without a memory. */
interface CompiledModule {
  readonly compiled?: never;
}

interface Compiled {
  readonly start: StartLibheif;
  readonly module: CompiledModule;
}

let compiled: Promise<Compiled> | undefined;

/**
 * A fresh libheif, with a memory of its own: nothing that one file did to it reaches the next. Compiled when the first
 * is asked for (5 ms), and once for the life of the process; to start one takes 6 ms. It decodes HEVC, and has neither
 * network nor files.
 *
 * @param maxPixels - what it refuses to make memory for, whatever a file says
 */
export async function startLibheif(maxPixels: number): Promise<Libheif> {
  compiled ??= compile();
  const { start, module } = await compiled;
  const libheif = start({
    instantiateWasm(imports, receive) {
      const instance = new WebAssembly.Instance(module, imports);
      receive(instance);
      return instance.exports;
    },
  });
  // heif_security_limits (heif_security.h): a version, then, aligned to 8 bytes, max_image_size_pixels of 64 bits.
  const limits = libheif._heif_get_global_security_limits() / 4 + 2;
  libheif.HEAPU32.set([maxPixels >>> 0, Math.floor(maxPixels / 2 ** 32)], limits);
  return libheif;
}

async function compile(): Promise<Compiled> {
  const require = createRequire(import.meta.url);
  const start = require("libheif-js/libheif-wasm/libheif.js") as StartLibheif;
  const path = require.resolve("libheif-js/libheif-wasm/libheif.wasm");
  return { start, module: await WebAssembly.compile(await readFile(path)) };
}

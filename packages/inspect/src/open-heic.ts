import { readFile } from "node:fs/promises";
import type { Picture } from "./decode-picture.ts";
import { type DecodedHeif, type HeifError, type Libheif, startLibheif } from "./libheif.ts";

/** libheif refuses a file, or came to grief over it. */
export class HeifFailedError extends Error {
  override readonly name = "HeifFailedError";
  /** It is not damaged, but of a kind that this libheif has no decoder for. */
  readonly isUnsupported: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isUnsupported?: boolean } = {}) {
    super(message, options);
    this.isUnsupported = options.isUnsupported ?? false;
  }
}

/** The primary picture of a HEIC file. */
export interface OpenHeic {
  /** As shown: turned, mirrored and cropped as the file says. */
  readonly width: number;
  readonly height: number;
  /** In the file's own colour profile. Throws {@link HeifFailedError}. */
  decode(): Picture;
}

/**
 * Opens a HEIC in a libheif of its own, which goes with it.
 * Throws {@link HeifFailedError}, or what reading the file throws.
 *
 * @param maxPixels - pictures, and pieces of them, that are larger are refused by libheif itself
 */
export async function openHeic(path: string, maxPixels: number): Promise<OpenHeic> {
  const bytes = await readFile(path);
  const libheif = await startLibheif(maxPixels);
  return guarded(() => {
    const context = libheif.heif_context_alloc();
    const read = libheif.heif_context_read_from_memory(context, bytes);
    if (read.code !== libheif.heif_error_code.heif_error_Ok) throw failure(libheif, read);
    const handle = libheif.heif_js_context_get_primary_image_handle(context);
    if (isError(handle)) throw failure(libheif, handle);
    return {
      width: libheif.heif_image_handle_get_width(handle),
      height: libheif.heif_image_handle_get_height(handle),
      decode: () => guarded(() => decodePrimary(libheif, handle)),
    };
  });
}

function decodePrimary(libheif: Libheif, handle: object): Picture {
  const hasAlpha = libheif.heif_image_handle_has_alpha_channel(handle) !== 0;
  const { heif_chroma_interleaved_RGBA: rgba, heif_chroma_interleaved_RGB: rgb } = libheif.heif_chroma;
  const { heif_colorspace_RGB: colourSpace } = libheif.heif_colorspace;
  const decoded = libheif.heif_js_decode_image2(handle, colourSpace, hasAlpha ? rgba : rgb);
  if (isError(decoded)) throw failure(libheif, decoded);
  return withoutPadding(decoded, hasAlpha ? 4 : 3);
}

/** A copy: libheif's own memory is a view that goes stale where it grows. */
function withoutPadding({ channels: [plane] }: DecodedHeif, channels: 3 | 4): Picture {
  if (!plane) throw new HeifFailedError("libheif gave no pixels.");
  const { width, height, stride, data: padded } = plane;
  const rowBytes = width * channels;
  if (padded.length < stride * (height - 1) + rowBytes)
    throw new HeifFailedError("libheif gave too few pixels.");
  const data = Buffer.allocUnsafe(rowBytes * height);
  for (let row = 0; row < height; row += 1)
    data.set(padded.subarray(row * stride, row * stride + rowBytes), row * rowBytes);
  return { data, width, height, channels };
}

function isError(result: object): result is HeifError {
  return "code" in result && result.code !== undefined;
}

function failure({ heif_error_code: codes }: Libheif, { code, message }: HeifError): HeifFailedError {
  return new HeifFailedError(message, { isUnsupported: code === codes.heif_error_Unsupported_feature });
}

function guarded<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (error instanceof HeifFailedError) throw error;
    // A trap, or no memory left: emscripten's own.
    throw new HeifFailedError(`libheif failed: ${error}`, { cause: error });
  }
}

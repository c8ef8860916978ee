import sharp from "sharp";

/** The images that are decoded, with libvips' name for what each of them must be opened by. */
export const decodableFormats = new Map([
  ["image/jpeg", "jpeg"],
  ["image/png", "png"],
  ["image/webp", "webp"],
  ["image/gif", "gif"],
  ["image/tiff", "tiff"],
  ["image/avif", "heif"],
]);

/**
 * Leaves this process only the named loaders: no SVG (reads other files), PDF,
 * ImageMagick, OpenEXR, NIfTI or JPEG 2000. One thread and no cache, since each file is seen once and a
 * process has one file at a time.
 */
export function restrictLoaders(): void {
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({
    operation: [
      "VipsForeignLoadJpegFile",
      "VipsForeignLoadPngFile",
      "VipsForeignLoadWebpFile",
      "VipsForeignLoadNsgifFile",
      "VipsForeignLoadTiffFile",
      "VipsForeignLoadHeifFile",
      // Never a person's file: pictures on their way from one step to the next.
      "VipsForeignLoadTiffBuffer",
    ],
  });
  sharp.cache(false);
  sharp.concurrency(1);
}

const svgFromMemory = { operation: ["VipsForeignLoadSvgBuffer"] };

/** Lets drawings be opened, out of memory alone, for as long as one is examined. */
export async function withSvgLoader<Result>(examine: () => Promise<Result>): Promise<Result> {
  sharp.unblock(svgFromMemory);
  try {
    return await examine();
  } finally {
    sharp.block(svgFromMemory);
  }
}

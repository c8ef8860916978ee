import { once } from "node:events";
import { createInflate } from "node:zlib";
import { UnstrippableError } from "./pieces.ts";

/** How a PNG's pixels are laid out (PNG 3rd edition, section 11.2.1). */
export interface PngLayout {
  readonly bitsOfPixel: number;
  readonly isInterlaced: boolean;
}

/** By the kind of colour. */
const samples: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);

/** Of Adam7's passes: first column and row, and from one to the next (section 8.1). */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** @param header - IHDR's content */
export function readLayout(header: Buffer): PngLayout {
  const [depth = 0, colour = 0, , , interlace = 0] = header.subarray(8, 13);
  const count = samples.get(colour);
  if (count === undefined || interlace > 1) throw new UnstrippableError("Its pixels are of no known kind.");
  return { bitsOfPixel: depth * count, isInterlaced: interlace === 1 };
}

/** How many bytes a picture's rows are, with the filter's byte before each. */
export function sizeOfRows(width: number, height: number, { bitsOfPixel, isInterlaced }: PngLayout): number {
  const rows = (columns: number, count: number): number =>
    columns === 0 ? 0 : count * (1 + Math.ceil((columns * bitsOfPixel) / 8));
  if (!isInterlaced) return rows(width, height);
  return passes.reduce(
    (sum, [left, top, right, down]) =>
      sum + rows(Math.ceil(Math.max(0, width - left) / right), Math.ceil(Math.max(0, height - top) / down)),
    0,
  );
}

/**
 * How many bytes a picture's packed rows take; readers pass over what follows.
 *
 * @throws UnstrippableError where nothing is packed there, or more rows than the picture has, which nobody sees
 */
export async function sizeOfPacked(parts: readonly Buffer[], rowsBytes: number): Promise<number> {
  const inflate = createInflate();
  let bytes = 0;
  inflate.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > rowsBytes)
      inflate.destroy(new UnstrippableError("It has more rows than it says that it has."));
  });
  try {
    inflate.end(Buffer.concat(parts));
    await once(inflate, "end");
  } catch (error) {
    if (error instanceof UnstrippableError) throw error;
    throw new UnstrippableError("Its pixels can't be unpacked.", { cause: error });
  } finally {
    inflate.destroy();
  }
  return inflate.bytesWritten;
}

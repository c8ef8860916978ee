import { open } from "node:fs/promises";
import type { Examination } from "./examination.ts";
import type { InspectionRequest } from "./inspection.ts";
import { InspectionFailedError } from "./inspection-failed-error.ts";
import { unpackPieces } from "./strip/packed-pieces.ts";
import { type Piece, sizeOfPieces, UnstrippableError } from "./strip/pieces.ts";
import { measurePieces, readPieces } from "./strip/read-pieces.ts";

/** More than any stripper adds to what it keeps. */
const mostAddedBytes = 64 * 1024;

/**
 * Gives away a file's rendition, which is put together here of the pieces that a decoding process has named: all that it can
 * decide is which bytes of the one file come in which order.
 *
 * Throws InspectionFailedError `temporary-file-failed` where the file can't be read, and what `take` throws.
 */
export async function giveRendition(
  path: string,
  fileBytes: number,
  examination: Examination,
  take: NonNullable<InspectionRequest["takeRendition"]>,
): Promise<void> {
  const pieces = piecesOf(examination, fileBytes);
  if (!pieces) return;
  let measured: { readonly sizeBytes: number; readonly sha256: string };
  try {
    measured = await measurePieces(path, pieces);
  } catch (error) {
    // It has named what is not there.
    if (error instanceof UnstrippableError) return;
    throw unreadable(error);
  }
  const { sizeBytes: byteLength, sha256 } = measured;
  await take({
    byteLength,
    sha256,
    async *open() {
      await using file = await open(path).catch((error: unknown) => {
        throw unreadable(error);
      });
      yield* readPieces(file, pieces);
    },
  });
}

function piecesOf(examination: Examination, fileBytes: number): Iterable<Piece> | undefined {
  if (examination.verdict === "rejected") return undefined;
  if (examination.rendition?.kind === "original") return [{ from: 0, to: fileBytes }];
  if (!examination.pieces) return undefined;
  const pieces = unpackPieces(examination.pieces);
  return sizeOfPieces(pieces) <= fileBytes + mostAddedBytes ? pieces : undefined;
}

const unreadable = (cause: unknown): InspectionFailedError =>
  new InspectionFailedError("temporary-file-failed", "The temporary copy could not be read.", { cause });

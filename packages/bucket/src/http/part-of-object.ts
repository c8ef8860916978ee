import type { StoredObject } from "../storage/read-object.ts";
import type { ByteRange } from "./byte-range.ts";
import { S3Error } from "./s3-error.ts";

/** Where a part lies in its object. */
export interface PartOfObject {
  /** `undefined` of an empty one, which no range can name. */
  readonly range: ByteRange | undefined;
  /** Of an object that was uploaded in parts. */
  readonly partsCount?: number;
}

const rangeOf = (start: number, end: number): PartOfObject["range"] =>
  start < end ? { start, end } : undefined;

/**
 * The part with a number; what was uploaded at once is part 1 of itself. Throws S3Error (InvalidPartNumber) where there
 * is none.
 */
export async function rangeOfPart(object: StoredObject, partNumber: number): Promise<PartOfObject> {
  const parts = await object.listParts?.();
  if (!parts && partNumber === 1) return { range: rangeOf(0, object.metadata.sizeBytes) };
  let start = 0;
  for (const { number, sizeBytes } of parts ?? []) {
    if (number === partNumber)
      return { range: rangeOf(start, start + sizeBytes), partsCount: parts?.length ?? 1 };
    start += sizeBytes;
  }
  throw new S3Error("InvalidPartNumber", "The requested partnumber is not satisfiable");
}

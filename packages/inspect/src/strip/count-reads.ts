import type { ByteSource } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

/** An hour and a half of a film has some hundred thousand parts, of some thousand bytes each. */
const leastReads = 1_000_000;
const bytesPerRead = 64;

/**
 * The same, for so many reads as a film of its size may have parts: each box, element, sample and unit costs one. What consists of millions of parts of
 * few bytes is made to cost time.
 *
 * @returns a source whose `read` also throws UnstrippableError when there were too many
 */
export function countReads(source: ByteSource): ByteSource {
  let left = leastReads + source.sizeBytes / bytesPerRead;
  return {
    sizeBytes: source.sizeBytes,
    read(from, to) {
      left -= 1;
      if (left < 0) throw new UnstrippableError("It is in too many parts.");
      return source.read(from, to);
    },
  };
}

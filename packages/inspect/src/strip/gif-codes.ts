import { UnstrippableError } from "./pieces.ts";

/** Longest code, and how many of those there are. */
const maxBits = 12;
const maxCodes = 2 ** maxBits;

/**
 * How many bytes the codes of a picture's pixels take: up to the one that ends them, or to the last pixel. Readers pass over what follows.
 * GIF89a, appendix F.
 *
 * @param data - what its blocks hold together
 * @throws UnstrippableError where codes stand for nothing, or for more pixels than there are
 */
export function sizeOfCodes(data: Buffer, leastBits: number, pixels: number): number {
  if (leastBits < 1 || leastBits > 8) throw new UnstrippableError("Its codes are of no known size.");
  const clear = 2 ** leastBits;
  const end = clear + 1;
  /** Of each code how many pixels it stands for. */
  const lengths = new Uint32Array(maxCodes).fill(1, 0, clear);
  let next = end + 1;
  let width = leastBits + 1;
  let before = 0;
  let left = pixels;
  let [bits, count, at] = [0, 0, 0];
  for (;;) {
    for (; count < width; count += 8) {
      // Some programs write no end.
      if (at >= data.length) return data.length;
      bits |= (data[at] ?? 0) << count;
      at += 1;
    }
    const code = bits & ((1 << width) - 1);
    bits >>>= width;
    count -= width;
    if (code === end) return at;
    if (code === clear) {
      [next, width, before] = [end + 1, leastBits + 1, 0];
      continue;
    }
    if (before === 0) {
      if (code > end) throw new UnstrippableError("A picture has a code that stands for nothing.");
    } else if (next < maxCodes) {
      lengths[next] = before + 1;
      next += 1;
      if (next === 2 ** width && width < maxBits) width += 1;
    }
    if (code >= next) throw new UnstrippableError("A picture has a code that stands for nothing.");
    before = lengths[code] ?? 0;
    left -= before;
    if (left < 0) throw new UnstrippableError("A picture has more pixels than it says that it has.");
  }
}

import { UnstrippableError } from "./pieces.ts";

/** A part of a picture: a colour, or how bright it is. */
export interface JpegComponent {
  readonly id: number;
  /** Blocks in a unit of several components, across and down. */
  readonly across: number;
  readonly down: number;
}

export interface JpegFrame {
  readonly isProgressive: boolean;
  readonly width: number;
  readonly height: number;
  readonly components: readonly JpegComponent[];
}

/** Of one component and one of its blocks, by the component's number: which coefficients are known not to be zero, 32 a number. */
export type JpegHistory = Map<number, Uint32Array>;

/** Huffman's codes (ITU-T T.81 annex C), by class (0: first coefficients, 1: others) and number: a table's content after that byte. */
export type JpegCodes = ReadonlyMap<number, Buffer>;

/** More than a picture of 500 megapixels has. */
const maxBlocks = 8_000_000;

/**
 * Reads the codes of a scan, without making pixels of them, to tell where they end: what comes after that is shown by nobody.
 *
 * ITU-T T.81 annexes F.2 and G.2.
 *
 * @param scan - its header's content
 * @param history - of scans before, which those depend on that refine them; added to
 */
export function createScanReader(
  bytes: Buffer,
  scan: Buffer,
  frame: JpegFrame,
  codes: JpegCodes,
  history: JpegHistory,
): { readonly units: number; readStretch(from: number, to: number, units: number): number } {
  const parts = readParts(scan, frame, codes);
  const { units, blocks } = unitsOf(frame, parts);
  const [first, last, precision] = [...scan.subarray(-3)] as [number, number, number];
  const isRefining = precision >> 4 > 0;
  const single = parts[0];
  if (last > 63 || first > last || (first > 0 && parts.length > 1) || !single)
    throw new UnstrippableError("A scan is not built as it should be.");
  const seen = frame.isProgressive && first > 0 ? seenOf(history, single.id, blocks) : new Uint32Array(0);
  let at = 0;
  let end = 0;
  let bits = 0;
  let count = 0;
  let missing = 0;
  let run = 0;
  let block = 0;
  let blocksBefore = 0;

  /** At least 25 bits, zeros where there are no more. */
  const fill = (): void => {
    while (count <= 24) {
      let byte = 0;
      if (at < end) {
        byte = bytes[at] ?? 0;
        // Behind it stands a zero, or more of it that fills up.
        at += byte === 0xff ? 2 : 1;
      } else missing += 1;
      bits = (bits << 8) | byte;
      count += 8;
    }
  };
  const take = (length: number): number => {
    if (length === 0) return 0;
    if (length > 16) throw new UnstrippableError("A scan has a number that is too long.");
    if (count < length) fill();
    count -= length;
    return (bits >>> count) & ((1 << length) - 1);
  };
  const symbol = (table: Uint16Array): number => {
    if (count < 16) fill();
    const found = table[(bits >>> (count - 16)) & 0xffff] ?? 0;
    if (found === 0) throw new UnstrippableError("A scan has a code that stands for nothing.");
    count -= found >> 8;
    return found & 0xff;
  };

  const mark = (index: number): void => {
    seen[block * 2 + (index >> 5)] = (seen[block * 2 + (index >> 5)] ?? 0) | (1 << (index & 31));
  };
  const isMarked = (index: number): boolean =>
    (((seen[block * 2 + (index >> 5)] ?? 0) >>> (index & 31)) & 1) === 1;
  const others = ({ ac }: Part): void => {
    if (run > 0) {
      run -= 1;
      return;
    }
    for (let index = first; index <= last; index += 1) {
      const code = symbol(ac);
      const [zeros, size] = [code >> 4, code & 15];
      if (size === 0 && zeros < 15) {
        run = (1 << zeros) + take(zeros) - 1;
        return;
      }
      index += zeros;
      take(size);
      if (size > 0 && index <= last) mark(index);
    }
  };
  const refined = ({ ac }: Part): void => {
    let index = first;
    for (; run === 0 && index <= last; index += 1) {
      const code = symbol(ac);
      const size = code & 15;
      let zeros = code >> 4;
      if (size > 0) take(1);
      else if (zeros < 15) {
        run = (1 << zeros) + take(zeros);
        break;
      }
      for (; index <= last; index += 1)
        if (isMarked(index)) take(1);
        else {
          zeros -= 1;
          if (zeros < 0) break;
        }
      if (size > 0 && index <= last) mark(index);
    }
    if (run === 0) return;
    for (; index <= last; index += 1) if (isMarked(index)) take(1);
    run -= 1;
  };
  const readOfFirst = isRefining ? () => void take(1) : ({ dc }: Part) => void take(symbol(dc));
  const readOfOthers = isRefining ? refined : others;
  const readBlock = first > 0 ? readOfOthers : readOfFirst;

  return {
    units,
    readStretch(from, to, unitsInside) {
      if (!frame.isProgressive) return readSequential(bytes, parts, from, to, unitsInside);
      [at, end, bits, count, missing, run] = [from, to, 0, 0, 0, 0];
      block = blocksBefore;
      blocksBefore += unitsInside;
      for (let unit = 0; unit < unitsInside; unit += 1) {
        for (const part of parts) for (let each = 0; each < part.blocks; each += 1) readBlock(part);
        block += 1;
        // It is cut short: all that there is belongs to it.
        if (missing > 4) return to;
      }
      return endOfCodes(bytes, at, to, count, missing);
    },
  };
}

/** Where codes end that were read up to a place, of which some bits are left; bits that are missing were read as zeros. */
function endOfCodes(bytes: Buffer, at: number, to: number, bitsLeft: number, bytesMissing: number): number {
  let unread = (bitsLeft >> 3) - bytesMissing;
  if (bytesMissing > 0 && unread <= 0) return to;
  let end = at;
  for (; unread > 0; unread -= 1) end -= bytes[end - 1] === 0 && bytes[end - 2] === 0xff ? 2 : 1;
  return Math.min(end, to);
}

/** What nearly every photograph is: in one function, since it goes through every bit of it. */
function readSequential(
  bytes: Buffer,
  parts: readonly Part[],
  from: number,
  to: number,
  units: number,
): number {
  let at = from;
  let bits = 0;
  let count = 0;
  let missing = 0;
  for (let unit = 0; unit < units; unit += 1) {
    for (const { blocks, dcSteps, acSteps } of parts)
      for (let left = blocks; left > 0; left -= 1) {
        let steps = dcSteps;
        for (let index = 0; index < 64; steps = acSteps) {
          for (; count < 16; count += 8) {
            const byte = at < to ? (bytes[at] ?? 0) : 0;
            if (at >= to) missing += 1;
            // Behind 255 stands a zero, or more of it that fills up.
            at += byte === 0xff ? 2 : 1;
            bits = (bits << 8) | byte;
          }
          const step = steps[(bits >>> (count - 16)) & 0xffff] ?? 0;
          if (step === 0) throw new UnstrippableError("A scan has a code that stands for nothing.");
          index += step >> stepBits;
          count -= step & stepMask;
          // A code and its number can be longer than what was filled in.
          for (; count < 0; count += 8) {
            const byte = at < to ? (bytes[at] ?? 0) : 0;
            if (at >= to) missing += 1;
            at += byte === 0xff ? 2 : 1;
            bits = (bits << 8) | byte;
          }
        }
      }
    // It is cut short: all that there is belongs to it.
    if (missing > 4) return to;
  }
  return endOfCodes(bytes, at - missing, to, count, missing);
}

/** A component in a scan. */
interface Part extends JpegComponent {
  /** In a unit. */
  readonly blocks: number;
  readonly dc: Uint16Array;
  readonly ac: Uint16Array;
  readonly dcSteps: Uint16Array;
  readonly acSteps: Uint16Array;
}

const noCodes = new Uint16Array(0);

function readParts(scan: Buffer, frame: JpegFrame, codes: JpegCodes): readonly Part[] {
  const count = scan[0] ?? 0;
  return Array.from({ length: count }, (_, index) => {
    const component = frame.components.find(({ id }) => id === scan[1 + index * 2]);
    if (!component) throw new UnstrippableError("A scan is of no part of its frame.");
    const numbers = scan[2 + index * 2] ?? 0;
    const [dc, ac] = [codes.get(numbers >> 4), codes.get(0x10 | (numbers & 15))];
    const blocks = count === 1 ? 1 : component.across * component.down;
    const steps = frame.isProgressive
      ? { dc: tableOf(dc), ac: tableOf(ac), dcSteps: noCodes, acSteps: noCodes }
      : { dc: noCodes, ac: noCodes, dcSteps: stepsOf(dc, dcStep), acSteps: stepsOf(ac, acStep) };
    return { ...component, blocks, ...steps };
  });
}

/** How many units a scan has (annex A.2), and blocks of its first component where that is alone. */
function unitsOf(
  { width, height, components }: JpegFrame,
  parts: readonly Part[],
): { readonly units: number; readonly blocks: number } {
  const acrossAll = Math.max(1, ...components.map(({ across }) => across));
  const downAll = Math.max(1, ...components.map(({ down }) => down));
  const [one, another] = parts;
  if (!one || another) {
    const units = Math.ceil(width / (8 * acrossAll)) * Math.ceil(height / (8 * downAll));
    return { units, blocks: 0 };
  }
  const columns = Math.ceil(Math.ceil((width * one.across) / acrossAll) / 8);
  const blocks = columns * Math.ceil(Math.ceil((height * one.down) / downAll) / 8);
  return { units: blocks, blocks };
}

function seenOf(history: JpegHistory, id: number, blocks: number): Uint32Array {
  if (blocks > maxBlocks) throw new UnstrippableError("It has too many pixels.");
  const seen = history.get(id) ?? new Uint32Array(blocks * 2);
  history.set(id, seen);
  return seen;
}

/** By what the next 16 bits are: the code's length, and in the lower byte what it stands for; 0 where there is none. */
function tableOf(content: Buffer | undefined): Uint16Array {
  const table = new Uint16Array(65_536);
  let at = 0;
  let next = 16;
  for (let length = 1; content && length <= 16; length += 1)
    for (let left = content[length - 1] ?? 0; left > 0; left -= 1) {
      const to = at + 2 ** (16 - length);
      table.fill((length << 8) | (content[next] ?? 0), at, to);
      at = to;
      next += 1;
    }
  return table;
}

const stepBits = 6;
const stepMask = 63;

/** Of a first coefficient: so many bits, and on to the next. */
const dcStep = (length: number, symbol: number): number =>
  symbol > 16 ? 0 : (1 << stepBits) | (length + symbol);

/** Of others: so many zeros, then a number of so many bits; or zeros up to the end of the block. */
function acStep(length: number, symbol: number): number {
  const [zeros, size] = [symbol >> 4, symbol & 15];
  const forward = size > 0 || zeros === 15 ? zeros + 1 : 64;
  return (forward << stepBits) | (length + size);
}

/** By what the next 16 bits are: how many bits to go on, a number with its code, and how many coefficients. */
function stepsOf(content: Buffer | undefined, stepOf: typeof acStep): Uint16Array {
  return tableOf(content).map((found) => (found === 0 ? 0 : stepOf(found >> 8, found & 0xff)));
}

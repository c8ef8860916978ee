/** A look through the bytes of a stored entry, whose sizes come behind them. */
export interface DescriptorSearch {
  lookOver(chunk: Buffer): void;
  /** Among them is what a program that reads from the front takes for their end. */
  readonly hasFound: boolean;
}

/** The longest descriptor (PKWARE APPNOTE 6.3.10, section 4.3.9): signature, checksum, two sizes of eight bytes. */
const longestBytes = 24;

/**
 * Nothing says where a stored entry ends whose sizes are not before it: who reads from the front takes it to end at a descriptor
 * that says as many bytes as came before. An archive that is stored in another has descriptors too, none of which can say so.
 */
export function createDescriptorSearch(): DescriptorSearch {
  let hasFound = false;
  let kept: Buffer = Buffer.alloc(0);
  /** Where `kept` begins. */
  let from = 0;
  return {
    lookOver(chunk) {
      const bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
      // Floods of what it looks for are passed faster so than by indexOf.
      for (let at = 0; at + 4 <= bytes.length; at += 1)
        if (bytes[at] === 0x50 && bytes[at + 1] === 0x4b) hasFound ||= isEndAt(bytes, at, from);
      // As much as a descriptor before a signature, and one that begins with it, of which a byte is still to come.
      const done = Math.max(0, bytes.length - 2 * longestBytes);
      from += done;
      kept = bytes.subarray(done);
    },
    get hasFound() {
      return hasFound;
    },
  };
}

/** Whether the signature there begins a descriptor, or what comes behind one that has none. */
function isEndAt(bytes: Buffer, at: number, from: number): boolean {
  const says = (sizesAt: number, dataBytes: number, width: 4 | 8): boolean => {
    if (sizesAt < 0 || sizesAt + 2 * width > bytes.length) return false;
    const read = (at: number) => (width === 4 ? bytes.readUInt32LE(at) : Number(bytes.readBigUInt64LE(at)));
    return read(sizesAt) === dataBytes && read(sizesAt + width) === dataBytes;
  };
  const end = from + at;
  switch (bytes.readUInt16LE(at + 2)) {
    case 0x0807:
      return says(at + 8, end, 4) || says(at + 8, end, 8);
    case 0x0403:
    case 0x0201:
      return says(at - 8, end - 12, 4) || says(at - 16, end - 20, 8);
    default:
      return false;
  }
}

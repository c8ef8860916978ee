// Where a ZIP file's parts lie (PKWARE APPNOTE 6.3.10, section 4.3). Programs read them from the front or by the directory at the
// end: both find the same only where the entries and the directory tile the file, and say the same of each of them.
import type { FileHandle } from "node:fs/promises";

const endMagic = Buffer.from("PK\x05\x06", "latin1");
const endBytes = 22;
const longestCommentBytes = 65_535;
const locatorMagic = "PK\x06\x07";
const locatorBytes = 20;
const end64Magic = "PK\x06\x06";
const end64Bytes = 56;

const twoLists = "it has more than one list of contents";
const unlisted = "it holds bytes that its list of contents does not name";
const otherList = "its list of contents is not of what it contains";

/** Where the list of contents is. */
export interface DirectoryPlace {
  readonly from: number;
  readonly to: number;
}

/**
 * What follows the directory: the end record, and those of ZIP64 before it, each where the next one says.
 *
 * @returns a fault, as the end of a sentence, where there are two ways to read it; `undefined` where there is no end record
 */
export async function findDirectory(
  file: FileHandle,
  sizeBytes: number,
): Promise<DirectoryPlace | string | undefined> {
  const tail = Buffer.alloc(Math.min(sizeBytes, locatorBytes + endBytes + longestCommentBytes));
  await file.read(tail, 0, tail.length, sizeBytes - tail.length);
  const at = tail.length < endBytes ? -1 : tail.lastIndexOf(endMagic, tail.length - endBytes);
  if (at < 0) return undefined;
  // One that is in the comment of another is found by those who read comments.
  for (let other = tail.indexOf(endMagic); other < at; other = tail.indexOf(endMagic, other + 1))
    if (other + endBytes + tail.readUInt16LE(other + 20) === tail.length) return twoLists;
  const endAt = sizeBytes - tail.length + at;
  const said = {
    disks: tail.readUInt32LE(at + 4),
    entriesHere: tail.readUInt16LE(at + 8),
    entries: tail.readUInt16LE(at + 10),
    bytes: tail.readUInt32LE(at + 12),
    from: tail.readUInt32LE(at + 16),
  };
  if (
    at < locatorBytes ||
    tail.toString("latin1", at - locatorBytes, at - locatorBytes + 4) !== locatorMagic
  ) {
    if (said.disks !== 0 || said.entriesHere !== said.entries || said.from + said.bytes !== endAt)
      return otherList;
    return { from: said.from, to: endAt };
  }
  const locatorAt = endAt - locatorBytes;
  const end64At = Number(tail.readBigUInt64LE(at - locatorBytes + 8));
  const end64 = Buffer.alloc(end64Bytes);
  if (end64At + end64Bytes > locatorAt) return otherList;
  await file.read(end64, 0, end64Bytes, end64At);
  const own = {
    bytesOfRecord: Number(end64.readBigUInt64LE(4)),
    entries: Number(end64.readBigUInt64LE(32)),
    bytes: Number(end64.readBigUInt64LE(40)),
    from: Number(end64.readBigUInt64LE(48)),
  };
  const agrees =
    end64.toString("latin1", 0, 4) === end64Magic &&
    end64At + 12 + own.bytesOfRecord === locatorAt &&
    own.from + own.bytes === end64At &&
    [own.entries, 0xffff].includes(said.entries) &&
    [own.bytes, 0xffffffff].includes(said.bytes) &&
    [own.from, 0xffffffff].includes(said.from);
  return agrees ? { from: own.from, to: end64At } : otherList;
}

/** An entry as the directory has it, and as stands before its bytes. */
export interface LaidEntry {
  readonly from: number;
  readonly dataFrom: number;
  readonly listed: EntryFacts;
  readonly local: EntryFacts;
  /** Its own entry in the directory, of so many bytes. */
  readonly listedBytes: number;
}

export interface EntryFacts {
  readonly name: Buffer;
  readonly extra: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
}

/** Encrypted, patched, strongly encrypted, with its header masked (section 4.4.4). Others say how hard was packed. */
const telling = 0x0001 | 0x0020 | 0x0040 | 0x2000;
/** Says something of names alone that are not plain ASCII. */
const inUtf8 = 0x0800;
const isPlain = (name: Buffer): boolean => name.every((byte) => byte < 0x80);
const describedAfterwards = 0x0008;

/** Whether its checksum and sizes come behind its bytes (section 4.4.4, bit 3). */
export const isDescribedAfterwards = ({ flags }: EntryFacts): boolean => (flags & describedAfterwards) !== 0;

/** Why what stands before an entry's bytes is of another file than the directory says, as the end of a sentence. */
export function faultOfHeader({ listed, local }: LaidEntry): string | undefined {
  const compared = isPlain(listed.name) ? telling : telling | inUtf8;
  const differs =
    !local.name.equals(listed.name) ||
    local.method !== listed.method ||
    (local.flags & compared) !== (listed.flags & compared);
  if (differs || !saysTheSame(listed, local)) return otherList;
  // A name for those who read that field (4.6.9): there is none but the directory's.
  const otherName = extraField(local.extra, unicodePath);
  return otherName && !extraField(listed.extra, unicodePath)?.equals(otherName) ? otherList : undefined;
}

function saysTheSame(listed: EntryFacts, local: EntryFacts): boolean {
  const large = extraField(local.extra, zip64);
  const sizes = [
    [local.sizeBytes, listed.sizeBytes],
    [local.compressedBytes, listed.compressedBytes],
  ] as const;
  const mayBeZero = isDescribedAfterwards(local);
  if (local.crc !== listed.crc && !(mayBeZero && local.crc === 0)) return false;
  let at = 0;
  for (const [said, own] of sizes) {
    let value = said;
    if (said === 0xffffffff && large && at + 8 <= large.length) {
      value = Number(large.readBigUInt64LE(at));
      at += 8;
    }
    if (value !== own && !(mayBeZero && (value === 0 || value === 0xffffffff))) return false;
  }
  return true;
}

const zip64 = 0x0001;
const unicodePath = 0x7075;

function extraField(extra: Buffer, id: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

/**
 * Whether entries, and what describes some of them afterwards, fill all that is before the directory, and the directory is
 * filled by theirs.
 *
 * @param maySign - as programs for Android do, between the entries and the directory
 */
export async function faultOfLayout(
  file: FileHandle,
  directory: DirectoryPlace,
  entries: readonly LaidEntry[],
  maySign: boolean,
): Promise<string | undefined> {
  const listedBytes = entries.reduce((sum, entry) => sum + entry.listedBytes, 0);
  if (directory.from + listedBytes !== directory.to) return unlisted;
  const inOrder = entries.toSorted((a, b) => a.from - b.from);
  let at = 0;
  for (const [index, { from, dataFrom, listed, local }] of inOrder.entries()) {
    if (from < at) return "files in it share their bytes";
    if (from > at) return unlisted;
    at = dataFrom + listed.compressedBytes;
    const next = inOrder[index + 1]?.from ?? directory.from;
    if (at > next) return "files in it share their bytes";
    if (!isDescribedAfterwards(local)) continue;
    at += await descriptorBytesAt(file, at, next - at, listed, maySign);
  }
  if (at === directory.from || (maySign && (await isSigned(file, at, directory.from)))) return undefined;
  return at > directory.from ? "files in it share their bytes" : unlisted;
}

/** Section 4.3.9: with a signature or without, with sizes of four bytes or of eight. 0 where there is none that fills the room. */
async function descriptorBytesAt(
  file: FileHandle,
  at: number,
  room: number,
  listed: EntryFacts,
  maySign: boolean,
): Promise<number> {
  const bytes = Buffer.alloc(24);
  await file.read(bytes, 0, Math.min(24, room), at);
  return (
    [16, 24, 12, 20].find(
      (length) =>
        (length === room || (maySign && length < room)) && describes(bytes.subarray(0, length), listed),
    ) ?? 0
  );
}

function describes(descriptor: Buffer, { crc, compressedBytes, sizeBytes }: EntryFacts): boolean {
  const isLarge = descriptor.length >= 20;
  const start = descriptor.length % 8 === 0 ? 4 : 0;
  if (start === 4 && descriptor.toString("latin1", 0, 4) !== "PK\x07\x08") return false;
  const size = (at: number): number =>
    isLarge ? Number(descriptor.readBigUInt64LE(at)) : descriptor.readUInt32LE(at);
  return (
    descriptor.readUInt32LE(start) === crc &&
    size(start + 4) === compressedBytes &&
    size(start + (isLarge ? 12 : 8)) === sizeBytes
  );
}

const signedMagic = "APK Sig Block 42";

/** A block of signatures says at both of its ends how long it is. */
async function isSigned(file: FileHandle, from: number, to: number): Promise<boolean> {
  if (to - from < 32) return false;
  const [first, last] = [Buffer.alloc(8), Buffer.alloc(24)];
  await file.read(first, 0, 8, from);
  await file.read(last, 0, 24, to - 24);
  const bytes = BigInt(to - from - 8);
  return (
    first.readBigUInt64LE() === bytes &&
    last.readBigUInt64LE() === bytes &&
    last.toString("latin1", 8) === signedMagic
  );
}

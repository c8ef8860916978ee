import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import type { Examination } from "./examination.ts";
import { examineArchive } from "./examine-archive.ts";
import { type CleanedUp, temporaryDirectory } from "./inspect-bytes.test-data.ts";

/** Examines archives one after another, in this process. */
export function archiveExaminer(
  test: CleanedUp,
): (bytes: Buffer, contentType?: string) => Promise<Examination> {
  const path = join(temporaryDirectory(test), "archive");
  return (bytes, contentType = "application/zip") => {
    writeFileSync(path, bytes);
    const job = {
      path,
      declaredContentType: contentType,
      allowedContentTypes: [contentType],
      derivatives: [],
      maxPixels: 1,
      webpQuality: 80,
      webpEffort: 2,
    };
    return examineArchive(job, contentType);
  };
}

export interface MadeEntry {
  readonly name: string;
  readonly content?: Buffer | string;
  readonly stored?: boolean;
  /** Upper half of the external attributes. */
  readonly unixMode?: number;
  readonly encrypted?: boolean;
  readonly method?: number;
  /** What the directory says of its size, and what is before its bytes says of its name. */
  readonly saidBytes?: number;
  readonly localName?: string;
  /** Its bytes are those of that entry. */
  readonly bytesOf?: number;
  readonly crc?: number;
  /** Its checksum and sizes come behind its bytes, in so many. */
  readonly descriptorBytes?: 12 | 16 | 20 | 24;
  /** Behind its bytes, packed or not, as if it were of them. */
  readonly behind?: Buffer;
  /** It is not in the directory. */
  readonly isHidden?: boolean;
  /** What is before its bytes says of it. */
  readonly localFlags?: number;
  readonly localBytes?: number;
  readonly localExtra?: Buffer;
}

export interface MadeEnd {
  readonly comment?: Buffer;
  /** With the records of ZIP64 (4.3.14, 4.3.15), and what the end record then says of the directory's offset. */
  readonly large?: { readonly endRecordSays?: number };
  /** Between the last entry and the directory. */
  readonly padding?: Buffer;
}

/** A ZIP file (PKWARE APPNOTE 6.3.10), of entries that may lie. */
export function zip(
  entries: readonly MadeEntry[],
  { comment = Buffer.alloc(0), large, padding = Buffer.alloc(0) }: MadeEnd = {},
): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? "");
    const method = entry.method ?? (entry.stored ? 0 : 8);
    const own = method === 8 ? deflateRawSync(content) : content;
    const packed = entry.behind ? Buffer.concat([own, entry.behind]) : own;
    const { descriptorBytes, localExtra = Buffer.alloc(0) } = entry;
    const shared = Buffer.alloc(26);
    const flags = (entry.encrypted ? 1 : 0) | 0x800 | (descriptorBytes === undefined ? 0 : 8);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(flags, 2);
    shared.writeUInt16LE(method, 4);
    shared.writeUInt32LE(entry.crc ?? crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(entry.saidBytes ?? content.length, 18);
    const name = Buffer.from(entry.name);
    shared.writeUInt16LE(name.length, 22);
    const offset = entry.bytesOf === undefined ? at : (offsets[entry.bytesOf] ?? 0);
    offsets.push(offset);
    if (entry.bytesOf === undefined) {
      const local = Buffer.from(entry.localName ?? entry.name);
      const head = Buffer.from(shared);
      if (descriptorBytes !== undefined) head.fill(0, 10, 22);
      head.writeUInt16LE(entry.localFlags ?? flags, 2);
      if (entry.localBytes !== undefined) head.writeUInt32LE(entry.localBytes, 18);
      head.writeUInt16LE(local.length, 22);
      head.writeUInt16LE(localExtra.length, 24);
      const before = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), head, local, localExtra]);
      const piece = Buffer.concat([before, packed, descriptorOf(descriptorBytes, shared)]);
      pieces.push(piece);
      at += piece.length;
    }
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((entry.unixMode ?? 0) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    // Version made by: 3 is Unix.
    if (!entry.isHidden)
      directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), shared, rest, name]));
  }
  const list = Buffer.concat(directory);
  at += padding.length;
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(large ? (large.endRecordSays ?? 0xffffffff) : at, 12);
  end.writeUInt16LE(comment.length, 16);
  const records = large ? largeEnd(directory.length, list.length, at) : Buffer.alloc(0);
  return Buffer.concat([
    ...pieces,
    padding,
    list,
    records,
    Buffer.from("PK\x05\x06", "latin1"),
    end,
    comment,
  ]);
}

/** Of an entry's checksum and sizes, as its header has them. */
function descriptorOf(bytes: MadeEntry["descriptorBytes"], header: Buffer): Buffer {
  if (bytes === undefined) return Buffer.alloc(0);
  const descriptor = Buffer.alloc(bytes);
  const start = descriptor.write(bytes % 8 === 0 ? "PK\x07\x08" : "", "latin1");
  const sizeBytes = bytes >= 20 ? 8 : 4;
  header.copy(descriptor, start, 10, 14);
  header.copy(descriptor, start + 4, 14, 18);
  header.copy(descriptor, start + 4 + sizeBytes, 18, 22);
  return descriptor;
}

function largeEnd(entries: number, bytes: number, from: number): Buffer {
  const record = Buffer.alloc(56);
  record.write("PK\x06\x06", "latin1");
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(entries), 24);
  record.writeBigUInt64LE(BigInt(entries), 32);
  record.writeBigUInt64LE(BigInt(bytes), 40);
  record.writeBigUInt64LE(BigInt(from), 48);
  const locator = Buffer.alloc(20);
  locator.write("PK\x06\x07", "latin1");
  locator.writeBigUInt64LE(BigInt(from + bytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator]);
}

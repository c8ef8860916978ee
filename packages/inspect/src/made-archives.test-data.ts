import { crc32, deflateRawSync } from "node:zlib";

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
}

/** A ZIP file (PKWARE APPNOTE 6.3.10), of entries that may lie. */
export function zip(entries: readonly MadeEntry[]): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? "");
    const method = entry.method ?? (entry.stored ? 0 : 8);
    const packed = method === 8 ? deflateRawSync(content) : content;
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE((entry.encrypted ? 1 : 0) | 0x800, 2);
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
      head.writeUInt16LE(local.length, 22);
      const piece = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), head, local, packed]);
      pieces.push(piece);
      at += piece.length;
    }
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((entry.unixMode ?? 0) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    // Version made by: 3 is Unix.
    directory.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), shared, rest, name);
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...pieces, list, Buffer.from("PK\x05\x06", "latin1"), end]);
}

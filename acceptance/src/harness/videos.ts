import { randomBytes } from "node:crypto";

function box(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(head.length + body.length);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
}

/** What every MP4 begins with: brand, minor version, compatible brands (ISO/IEC 14496-12 section 4.3). */
const fileType = box("ftyp", Buffer.from("isom\0\0\x02\0isomiso2mp41", "latin1"));

/** An MP4 of exactly that size as far as its type is told by: brands, and media data that is different each time. */
export function makeVideo(sizeBytes: number): Buffer {
  const mediaHead = 8;
  return Buffer.concat([fileType, box("mdat", randomBytes(sizeBytes - fileType.length - mediaHead))]);
}

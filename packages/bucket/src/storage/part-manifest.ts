/*
 * What an object that was uploaded in parts has for a content: 40 bytes for each part, in order.
 *
 *   offset 0     the part's number (2 bytes), 1 to 10,000: its file's name
 *          2     its size (6 bytes)
 *          8     the SHA-256 of its content (32 bytes), so that no part can be given for another
 */
const recordBytes = 40;

export interface ManifestPart {
  readonly number: number;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export function encodeManifest(parts: readonly ManifestPart[]): Buffer {
  const encoded = Buffer.alloc(parts.length * recordBytes);
  parts.forEach(({ number, sizeBytes, sha256 }, index) => {
    const at = index * recordBytes;
    encoded.writeUInt16BE(number, at);
    encoded.writeUIntBE(sizeBytes, at + 2, 6);
    encoded.write(sha256, at + 8, "hex");
  });
  return encoded;
}

/** Reads back what `encodeManifest` wrote: whoever authenticated it need not doubt its shape. */
export function decodeManifest(encoded: Buffer): ManifestPart[] {
  const parts: ManifestPart[] = [];
  for (let at = 0; at < encoded.length; at += recordBytes)
    parts.push({
      number: encoded.readUInt16BE(at),
      sizeBytes: encoded.readUIntBE(at + 2, 6),
      sha256: encoded.toString("hex", at + 8, at + recordBytes),
    });
  return parts;
}

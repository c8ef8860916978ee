import { type CipherGCM, createCipheriv, createDecipheriv, type KeyObject } from "node:crypto";

/** Plain bytes in every segment but the last, which may hold fewer. */
export const segmentBytes = 64 * 1024;
/** What sealing adds to each segment: the GCM tag that follows it. */
export const tagBytes = 16;

/** An object's file does not hold what was written: changed, cut short, or sealed under another key. */
export class ObjectCorruptError extends Error {
  readonly code = "object-corrupt";
  override name = "ObjectCorruptError";
}

/** What a nonce is for. Each key seals one object, so that its nonces need to differ only within it. */
export type SealedPart = "header" | "segment" | "last-segment";

const partCode: Readonly<Record<SealedPart, number>> = { header: 0, segment: 1, "last-segment": 2 };

/**
 * The 96-bit nonce of NIST SP 800-38D: one byte for the part, eleven for its number. A segment that
 * was moved, or became the last one by truncation, is thereby opened under another nonce, and fails.
 */
function nonceOf(part: SealedPart, index: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce[0] = partCode[part];
  nonce.writeUIntBE(index, 6, 6);
  return nonce;
}

/** How many segments hold `sizeBytes` plain bytes. */
export const segmentCountOf = (sizeBytes: number): number => Math.ceil(sizeBytes / segmentBytes);

/** The part that the segment `index` of `count` is sealed as. */
export const segmentPart = (index: number, count: number): SealedPart =>
  index === count - 1 ? "last-segment" : "segment";

export const sealing = (key: KeyObject, part: SealedPart, index: number): CipherGCM =>
  createCipheriv("aes-256-gcm", key, nonceOf(part, index));

/**
 * Opens `sealed` (the bytes and their tag) and returns the plain bytes, authenticated.
 * Throws {@link ObjectCorruptError} when they are not what was sealed as this part.
 */
export function openSealed(
  key: KeyObject,
  part: SealedPart,
  index: number,
  sealed: Buffer,
  associatedData?: Buffer,
): Buffer {
  if (sealed.length < tagBytes) throw new ObjectCorruptError(`${part} ${index} is cut short`);
  const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(part, index));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  if (associatedData) decipher.setAAD(associatedData);
  const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    decipher.final();
  } catch (cause) {
    throw new ObjectCorruptError(`${part} ${index} does not authenticate`, { cause });
  }
  return plain;
}

import type { ChecksumAlgorithm } from "./checksum.ts";

/** The CRCs among S3's checksums: width in bits, and the polynomial with its lowest power first. */
const crcs: ReadonlyMap<ChecksumAlgorithm, { readonly bits: bigint; readonly polynomial: bigint }> = new Map([
  ["CRC32", { bits: 32n, polynomial: 0xedb88320n }],
  ["CRC32C", { bits: 32n, polynomial: 0x82f63b78n }],
  ["CRC64NVME", { bits: 64n, polynomial: 0x9a6c9329ac4bc9b5n }],
]);

/** Whether the checksum of a whole follows from those of its parts. */
export const isCombinable = (algorithm: ChecksumAlgorithm): boolean => crcs.has(algorithm);

export interface ChecksummedPart {
  readonly sizeBytes: number;
  /** Base64. */
  readonly checksum: string;
}

/**
 * The CRC, in base64, of the content that parts make one after the other, from theirs, as zlib's `crc32_combine` has
 * it: to append n bytes multiplies a CRC by x to the power of 8n, modulo the polynomial. A few microseconds
 * a part. Throws a RangeError for an algorithm that is not combinable.
 */
export function combineCrc(algorithm: ChecksumAlgorithm, parts: readonly ChecksummedPart[]): string {
  const crc = crcs.get(algorithm);
  if (!crc) throw new RangeError(`${algorithm} can't be combined`);
  const { bits, polynomial } = crc;
  const one = 1n << (bits - 1n);

  /** Both with their lowest power in the highest bit. */
  const multiply = (a: bigint, b: bigint): bigint => {
    let product = 0n;
    let shifted = b;
    for (let power = one; power > 0n; power >>= 1n) {
      if (a & power) product ^= shifted;
      shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
    }
    return product;
  };

  /** Parts are of one size mostly. */
  const powers = new Map<number, bigint>();
  const powerOf = (sizeBytes: number): bigint => {
    const known = powers.get(sizeBytes);
    if (known !== undefined) return known;
    let power = one;
    let square = one >> 8n;
    for (let rest = BigInt(sizeBytes); rest > 0n; rest >>= 1n) {
      if (rest & 1n) power = multiply(power, square);
      square = multiply(square, square);
    }
    powers.set(sizeBytes, power);
    return power;
  };

  let whole = 0n;
  for (const { sizeBytes, checksum } of parts) {
    const value = BigInt(`0x${Buffer.from(checksum, "base64").toString("hex")}`);
    whole = multiply(powerOf(sizeBytes), whole) ^ value;
  }
  return Buffer.from(whole.toString(16).padStart(Number(bits / 4n), "0"), "hex").toString("base64");
}

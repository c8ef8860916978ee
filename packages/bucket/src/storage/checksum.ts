import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ObjectMetadata } from "./object-file.ts";

/** S3's checksum algorithms, as its documents name them. */
export const checksumAlgorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export const checksumBytes: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

export interface Checksum {
  update(content: Buffer): void;
  /** Once, after all the content. */
  digest(): Buffer;
}

function fourBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** A reflected polynomial's table for one byte at a time. */
function reflectedTable(polynomial: bigint): bigint[] {
  return Array.from({ length: 256 }, (_, byte) => {
    let rest = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1n ? (rest >> 1n) ^ polynomial : rest >> 1n;
    return rest;
  });
}

const castagnoli = Uint32Array.from(reflectedTable(0x82f63b78n), Number);
const nvme = reflectedTable(0x9a6c9329ac4bc9b5n);
const nvmeHigh = Uint32Array.from(nvme, (value) => Number(value >> 32n));
const nvmeLow = Uint32Array.from(nvme, (value) => Number(value & 0xffffffffn));

/** RFC 9260 appendix A. */
function createCrc32c(): Checksum {
  let crc = 0xffffffff;
  return {
    update(content) {
      let value = crc;
      for (const byte of content) value = (value >>> 8) ^ (castagnoli[(value ^ byte) & 0xff] ?? 0);
      crc = value;
    },
    digest: () => fourBytes(~crc),
  };
}

/** NVM Express's 64-bit CRC, in two halves: BigInts are an order of magnitude slower. */
function createCrc64Nvme(): Checksum {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(content) {
      for (const byte of content) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (nvmeLow[index] ?? 0);
        high = (high >>> 8) ^ (nvmeHigh[index] ?? 0);
      }
    },
    digest: () => Buffer.concat([fourBytes(~high), fourBytes(~low)]),
  };
}

function createCrc32(): Checksum {
  let crc = 0;
  return {
    update(content) {
      crc = crc32(content, crc);
    },
    digest: () => fourBytes(crc),
  };
}

function createHashChecksum(algorithm: string): Checksum {
  const hash = createHash(algorithm);
  return {
    update(content) {
      hash.update(content);
    },
    digest: () => hash.digest(),
  };
}

export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case "CRC32":
      return createCrc32();
    case "CRC32C":
      return createCrc32c();
    case "CRC64NVME":
      return createCrc64Nvme();
    case "SHA1":
      return createHashChecksum("sha1");
    case "SHA256":
      return createHashChecksum("sha256");
  }
}

/** The checksum that is known of an object's whole content, in base64. */
export function contentChecksum(
  { sha256, checksum }: Pick<ObjectMetadata, "sha256" | "checksum">,
  algorithm: ChecksumAlgorithm,
): string | undefined {
  if (checksum?.algorithm === algorithm) return checksum.value;
  if (algorithm !== "SHA256" || sha256 === undefined) return undefined;
  return Buffer.from(sha256, "hex").toString("base64");
}

import {
  type ChecksumAlgorithm,
  checksumAlgorithms,
  checksumBytes,
  createChecksum,
} from "../storage/checksum.ts";
import type { ContentChecksum } from "../storage/object-file.ts";
import { notImplemented } from "./exchange.ts";
import { S3Error } from "./s3-error.ts";

const headerOf = (algorithm: ChecksumAlgorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

const byHeader: ReadonlyMap<string, ChecksumAlgorithm> = new Map(
  checksumAlgorithms.map((algorithm) => [headerOf(algorithm), algorithm]),
);

/** The members that bring a checksum or say which one. */
export const checksumMembers: readonly string[] = [...byHeader.keys(), "x-amz-sdk-checksum-algorithm"];

/** S3's name of an algorithm, of which case does not matter. Throws S3Error (InvalidRequest) for others. */
export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const found = checksumAlgorithms.find((algorithm) => algorithm === name.toUpperCase());
  if (!found)
    throw new S3Error(
      "InvalidRequest",
      `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${checksumAlgorithms.join(", ")}]`,
    );
  return found;
}

/** Checks that base64 has as many bytes as the algorithm gives. Throws S3Error (InvalidRequest). */
function checkShape(algorithm: ChecksumAlgorithm, value: string): void {
  const digest = Buffer.from(value, "base64");
  if (digest.length === checksumBytes[algorithm] && digest.toString("base64") === value) return;
  throw new S3Error("InvalidRequest", `Value for ${headerOf(algorithm)} header is invalid.`);
}

/** A checksum that content is held to while it comes. */
export interface HeldChecksum {
  readonly algorithm: ChecksumAlgorithm;
  update(content: Buffer): void;
  /** After the content, whose SHA-256 is this (hex). Throws S3Error (BadDigest), or returns what is to be kept. */
  check(sha256: string): ContentChecksum;
}

/** The one checksum that a request declares. Throws S3Error (InvalidRequest) for several, or a malformed one. */
export function declaredChecksum(members: ReadonlyMap<string, string>): HeldChecksum | undefined {
  const declared: ContentChecksum[] = [];
  for (const [header, algorithm] of byHeader) {
    const value = members.get(header);
    if (value === undefined) continue;
    checkShape(algorithm, value);
    declared.push({ algorithm, value });
  }
  if (declared.length > 1)
    throw new S3Error(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  const [only] = declared;
  return only && holdTo(only.algorithm, () => only.value);
}

/** Throws S3Error (InvalidRequest) where a checksum was announced, and another one came or none. */
export function checkAnnounced(
  members: ReadonlyMap<string, string>,
  checksum: HeldChecksum | undefined,
): void {
  const announced = members.get("x-amz-sdk-checksum-algorithm");
  if (announced === undefined || parseAlgorithm(announced) === checksum?.algorithm) return;
  throw new S3Error(
    "InvalidRequest",
    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
  );
}

/** The one checksum that is to come after a body, by `x-amz-trailer`. Throws S3Error for any other trailer. */
export function trailingChecksum(name: string, trailers: () => ReadonlyMap<string, string>): HeldChecksum {
  const algorithm = byHeader.get(name.trim().toLowerCase());
  if (!algorithm) throw notImplemented("trailers other than one checksum");
  return holdTo(algorithm, () => {
    const value = trailers().get(headerOf(algorithm));
    if (value === undefined)
      throw new S3Error("MalformedTrailerError", "The trailer that was announced did not come.");
    checkShape(algorithm, value);
    return value;
  });
}

/** A checksum that content is not held to: it is found out. */
export function foundChecksum(algorithm: ChecksumAlgorithm): HeldChecksum {
  // The SHA-256 is computed in any case.
  const checksum = algorithm === "SHA256" ? undefined : createChecksum(algorithm);
  return {
    algorithm,
    update: (content) => checksum?.update(content),
    check(sha256) {
      const digest = checksum?.digest() ?? Buffer.from(sha256, "hex");
      return { algorithm, value: digest.toString("base64") };
    },
  };
}

/** `expected` is asked for once the content has come. */
function holdTo(algorithm: ChecksumAlgorithm, expected: () => string): HeldChecksum {
  const found = foundChecksum(algorithm);
  return {
    ...found,
    check(sha256) {
      const value = expected();
      const actual = found.check(sha256);
      if (actual.value === value) return actual;
      throw new S3Error("BadDigest", `The ${algorithm} you specified did not match what we received.`);
    },
  };
}

/** The response header of a checksum. */
export const checksumHeader = ({ algorithm, value }: ContentChecksum): Record<string, string> => ({
  [headerOf(algorithm)]: value,
});

import { createHash } from "node:crypto";

/**
 * What a file of the model consists of: so much data that it can be printed, and made again.
 * - `sound`: is what it says it is.
 * - `other-type`: has another type's first bytes than the type that is declared.
 * - `poison`: makes the inspector fail, over and over.
 */
export interface Content {
  readonly nature: "sound" | "other-type" | "poison";
  readonly type: "image/jpeg" | "video/mp4";
  readonly sizeBytes: number;
  /** Two contents that differ in it alone are as long as one another. */
  readonly seed: number;
  /** Of what was joined: parts that came with other bytes than the file's, as they were declared. */
  readonly others?: { readonly partSizeBytes: number; readonly numbers: readonly number[] };
}

/** First bytes by which the model's inspector knows a type, as all inspectors do. */
const magic = new Map<string, Buffer>([
  ["image/jpeg", Buffer.from([0xff, 0xd8, 0xff, 0xe0])],
  ["video/mp4", Buffer.from([0x66, 0x74, 0x79, 0x70])],
]);

const poison = Buffer.from("bad!");

export const smallestContentBytes = 8;

export const nameOf = ({ nature, type, sizeBytes, seed, others }: Content): string =>
  [nature, type, sizeBytes, seed, ...(others?.numbers ?? [])].join(" ");

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const made = new Map<string, { readonly bytes: Buffer; readonly sha256: string }>();

/** Contents kept in memory: those that are large come again and again. */
const keptContents = 60;

function make(content: Content): { readonly bytes: Buffer; readonly sha256: string } {
  const name = nameOf(content);
  const known = made.get(name);
  if (known) return known;
  const { others, ...own } = content;
  if (others) return keep(name, replaceParts(bytesOf(own), others));
  const bytes = Buffer.alloc(content.sizeBytes, createHash("sha256").update(name).digest());
  const first =
    content.nature === "poison"
      ? poison
      : content.nature === "sound"
        ? magic.get(content.type)
        : Buffer.from("none");
  first?.copy(bytes);
  return keep(name, bytes);
}

function replaceParts(own: Buffer, { partSizeBytes, numbers }: NonNullable<Content["others"]>): Buffer {
  const bytes = Buffer.from(own);
  for (const number of numbers)
    otherBytes(bytes.subarray((number - 1) * partSizeBytes).subarray(0, partSizeBytes).byteLength).copy(
      bytes,
      (number - 1) * partSizeBytes,
    );
  return bytes;
}

/** So many bytes that are not those of any content. */
export const otherBytes = (sizeBytes: number): Buffer => Buffer.alloc(sizeBytes, "other");

function keep(name: string, bytes: Buffer): { readonly bytes: Buffer; readonly sha256: string } {
  const one = { bytes, sha256: sha256Of(bytes) };
  if (made.size >= keptContents) made.delete([...made.keys()][0] ?? "");
  made.set(name, one);
  return one;
}

export const bytesOf = (content: Content): Buffer => make(content).bytes;
export const digestOf = (content: Content): string => make(content).sha256;

/** The type that the first bytes show; `undefined` for what is none of the model's. */
export const typeOf = (bytes: Uint8Array): string | undefined =>
  [...magic].find(([, first]) => first.equals(bytes.subarray(0, 4)))?.[0];

export const isPoison = (bytes: Uint8Array): boolean => poison.equals(bytes.subarray(0, 4));

/** When a picture says that it was taken, in whole seconds; every other one says nothing. */
export function takenAtMsOf(sha256: string): number | undefined {
  const seconds = Number.parseInt(sha256.slice(0, 7), 16);
  return seconds % 2 === 0 ? undefined : Date.UTC(2020, 0, 1) + seconds * 1000;
}

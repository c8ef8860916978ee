import { createHash, type KeyObject } from "node:crypto";
import { contentChecksum, createChecksum } from "./checksum.ts";
import { combineCrc } from "./combine-crc.ts";
import { type FileOperations, isFileError } from "./file-operations.ts";
import { inParallel } from "./in-parallel.ts";
import { publishContent } from "./incoming-content.ts";
import type { IncomingFiles } from "./incoming-files.ts";
import type { CompositeChecksum, ContentChecksum, ObjectMetadata } from "./object-file.ts";
import { ObjectChangedError } from "./object-names.ts";
import { checksumTypeOf, type OpenUpload } from "./open-upload.ts";
import type { PartDirectories } from "./part-directories.ts";
import { encodeManifest } from "./part-manifest.ts";
import { isPartOf } from "./part-name.ts";
import { ObjectExistsError } from "./publish-object.ts";
import { openObject } from "./read-object.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";

/** Parts looked at simultaneously. */
const parallelParts = 16;

/** A part as whoever completes an upload names it. */
export interface ChosenPart {
  readonly number: number;
  /** Without the quotes. */
  readonly etag: string;
  /** Only where it is to be checked. */
  readonly checksum?: ContentChecksum;
}

/** The parts that were named don't make an object; the code is S3's. */
export class PartsRefusedError extends Error {
  override name = "PartsRefusedError";
  readonly code: "InvalidPart" | "EntityTooSmall" | "EntityTooLarge";

  constructor(code: PartsRefusedError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface CompletedObject {
  readonly etag: string;
  readonly sizeBytes: number;
  readonly composite?: CompositeChecksum;
  /** Of the whole content, where the upload was to have that. */
  readonly checksum?: ContentChecksum;
}

interface SealedPart {
  readonly number: number;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Of the upload's algorithm, in base64. */
  readonly checksum: string | undefined;
}

/** The MD5 of the parts' ETags and their number, as S3 has it. */
function etagOf(parts: readonly SealedPart[]): string {
  const md5 = createHash("md5");
  for (const { etag } of parts) md5.update(etag, "hex");
  return `${md5.digest("hex")}-${parts.length}`;
}

/** The checksum that the upload was to give its object. */
function checksumOf(
  upload: OpenUpload,
  parts: readonly SealedPart[],
): Pick<CompletedObject, "composite" | "checksum"> {
  const algorithm = upload.checksumAlgorithm;
  if (!algorithm) return {};
  const checksums = parts.map(({ number, sizeBytes, checksum }) => {
    if (checksum === undefined) throw missing(number);
    return { sizeBytes, checksum };
  });
  if (checksumTypeOf(upload) === "FULL_OBJECT")
    return { checksum: { algorithm, value: combineCrc(algorithm, checksums) } };
  const whole = createChecksum(algorithm);
  for (const { checksum } of checksums) whole.update(Buffer.from(checksum, "base64"));
  return { composite: { algorithm, value: `${whole.digest().toString("base64")}-${parts.length}` } };
}

function checkSizes(
  parts: readonly SealedPart[],
  limits: { readonly minPartBytes: number; readonly maxObjectBytes: number },
): number {
  const small = parts.slice(0, -1).find(({ sizeBytes }) => sizeBytes < limits.minPartBytes);
  if (small)
    throw new PartsRefusedError(
      "EntityTooSmall",
      `Part ${small.number} is smaller than ${limits.minPartBytes} bytes, and not the last one.`,
    );
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (sizeBytes > limits.maxObjectBytes)
    throw new PartsRefusedError("EntityTooLarge", "The parts exceed the maximum allowed object size.");
  return sizeBytes;
}

const missing = (number: number, cause?: unknown): PartsRefusedError =>
  new PartsRefusedError("InvalidPart", `Part ${number} was not found, or its ETag or checksum differ.`, {
    cause,
  });

/**
 * Makes an object of the chosen parts, which are in ascending order, without copying their content: they
 * get further names in a directory of their own, and the key's file lists them. `publish` gives that file
 * the key's name. Throws {@link PartsRefusedError}; then, as after ObjectExistsError and ObjectChangedError, nothing has changed.
 */
export async function joinChosenParts(
  place: {
    readonly operations: FileOperations;
    readonly masterKey: KeyObject;
    readonly parts: PartDirectories;
    readonly limits: { readonly minPartBytes: number; readonly maxObjectBytes: number };
    readonly incoming: IncomingFiles;
    partPath(uploadId: string, partNumber: number): string;
    /** Throws where the object is not to be published after all. */
    accept(object: CompletedObject): Promise<void>;
    publish(path: string): Promise<void>;
  },
  upload: OpenUpload,
  chosen: readonly ChosenPart[],
  createdAtMs: number,
): Promise<CompletedObject> {
  const { operations, masterKey, parts } = place;
  const algorithm = upload.checksumAlgorithm;
  const directory = await parts.create();

  /** Linked first, then looked at: a part that is sent again meanwhile is another file. */
  const take = async ({ number, etag, checksum }: ChosenPart): Promise<SealedPart> => {
    const path = parts.pathOf(directory, number);
    let metadata: ObjectMetadata;
    try {
      await operations.link(place.partPath(upload.uploadId, number), path);
      const part = await openObject(operations, masterKey, path, isPartOf(number, upload.uploadId));
      await part.close();
      metadata = part.metadata;
    } catch (error) {
      // What is damaged can be sent again, as what never came.
      if (isFileError(error, "ENOENT") || error instanceof ObjectCorruptError) throw missing(number, error);
      throw error;
    }
    if (metadata.sha256 === undefined || metadata.etag !== etag) throw missing(number);
    if (checksum && checksum.value !== contentChecksum(metadata, checksum.algorithm)) throw missing(number);
    const { sizeBytes, sha256 } = metadata;
    return { number, etag, sizeBytes, sha256, checksum: algorithm && contentChecksum(metadata, algorithm) };
  };

  let isBeingPublished = false;
  try {
    const taken: SealedPart[] = [];
    await inParallel(chosen, parallelParts, async (part, index) => {
      taken[index] = await take(part);
    });
    const sizeBytes = checkSizes(taken, place.limits);
    const { composite, checksum } = checksumOf(upload, taken);
    const joined = { sizeBytes, directory, ...(composite && { composite }) };
    const { contentType, headers, tags } = upload;
    const about = {
      etag: etagOf(taken),
      contentType,
      createdAtMs,
      joined,
      ...(checksum && { checksum }),
      ...(headers && { headers }),
      ...(tags && { tags }),
    };
    const completed = {
      etag: about.etag,
      sizeBytes,
      ...(composite && { composite }),
      ...(checksum && { checksum }),
    };
    await publishContent(place, encodeManifest(taken), about, async (path) => {
      await parts.bind(directory, path);
      await place.accept(completed);
      isBeingPublished = true;
      await place.publish(path);
    });
    return completed;
  } catch (error) {
    // Where it is not known whether the key's name came to be, the next start decides.
    const isRefused = error instanceof ObjectExistsError || error instanceof ObjectChangedError;
    if (!isBeingPublished || isRefused) await parts.dispose(directory);
    throw error;
  }
}

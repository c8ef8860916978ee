import { type KeyObject, randomBytes } from "node:crypto";
import {
  type ChosenPart,
  type CompletedObject,
  joinChosenParts,
  PartsRefusedError,
} from "./complete-upload.ts";
import { type FileOperations, isFileError, unlessMissing } from "./file-operations.ts";
import { inParallel } from "./in-parallel.ts";
import { type IncomingContent, publishContent, receiveContent } from "./incoming-content.ts";
import type { IncomingFiles } from "./incoming-files.ts";
import { createKeyTurns } from "./key-turns.ts";
import type { ContentChecksum } from "./object-file.ts";
import type { ObjectNames, WriteCondition } from "./object-names.ts";
import {
  encodeUpload,
  type OpenUpload,
  readUpload,
  recordName,
  recordType,
  type UploadAbout,
} from "./open-upload.ts";
import type { PartDirectories } from "./part-directories.ts";
import { isPartOf, partName } from "./part-name.ts";
import { openObject } from "./read-object.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";
import { isUploadId, type UploadDirectories } from "./upload-directories.ts";

/** Small files read at the same time for one page. */
const parallelReads = 16;

/** There is no such upload: never was, or complete, or aborted. */
export class NoSuchUploadError extends Error {
  readonly code = "no-such-upload";
  override name = "NoSuchUploadError";
}

export interface UploadedPart {
  readonly number: number;
  readonly etag: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256?: string;
  readonly checksum?: ContentChecksum;
  readonly modifiedAtMs: number;
}

export interface IncomingPart extends Pick<IncomingContent, "push" | "finish" | "discard"> {
  /** After `finish`. The part replaces what its number had; durable. Throws NoSuchUploadError. */
  publish(checksum?: ContentChecksum): Promise<{ readonly etag: string; readonly createdAtMs: number }>;
}

export interface MultipartUploads {
  /** Begins an upload and resolves with its id, once it is durable. */
  create(about: UploadAbout): Promise<string>;
  /** Throws NoSuchUploadError, also where the upload is another key's, and ObjectCorruptError. */
  find(key: string, uploadId: string): Promise<OpenUpload>;
  receivePart(
    upload: OpenUpload,
    partNumber: number,
    about: { readonly sizeBytes: number; readonly withMd5: boolean },
  ): Promise<IncomingPart>;
  /** At most `limit` parts with numbers above `after`, ascending. */
  listParts(
    upload: OpenUpload,
    page: { readonly after: number; readonly limit: number },
  ): Promise<{
    readonly parts: readonly UploadedPart[];
    readonly isTruncated: boolean;
    /** The last number of the page, also where its part is damaged and is not listed. */
    readonly last?: number;
  }>;
  /**
   * Makes the object of the parts, which are in ascending order, and ends the upload. Throws
   * PartsRefusedError, ObjectExistsError and ObjectChangedError, after which the upload is as before; NoSuchUploadError.
   */
  complete(
    upload: OpenUpload,
    parts: readonly ChosenPart[],
    options: WriteCondition & {
      readonly maxObjectBytes: number;
      /** Sees the object that is going to be published, and refuses by throwing. */
      accept(completed: CompletedObject): void;
    },
  ): Promise<CompletedObject>;
  /** Ends the upload and removes its parts. Throws NoSuchUploadError, also where a completion of this process came first. */
  abort(upload: OpenUpload): Promise<void>;
  /** Ends an upload of which `find` has thrown ObjectCorruptError. */
  abortDamaged(uploadId: string): Promise<void>;
  /** All uploads whose keys start with `prefix`, by key (in UTF-8 order), then by id, which is by age. */
  list(prefix: string): Promise<OpenUpload[]>;
}

const noSuchUpload = (cause?: unknown): NoSuchUploadError =>
  new NoSuchUploadError("The upload does not exist, or is complete or aborted", { cause });

export function createMultipartUploads(options: {
  readonly operations: FileOperations;
  readonly masterKey: KeyObject;
  readonly names: ObjectNames;
  readonly parts: PartDirectories;
  readonly uploads: UploadDirectories;
  readonly now: () => Date;
  /** What each part but the last must have. */
  readonly minPartBytes: number;
  readonly incoming: IncomingFiles;
  /** Hears of files that are not what they were, and are passed over. */
  onDamage(what: string, error: ObjectCorruptError): void;
}): MultipartUploads {
  const { operations, masterKey, names, uploads } = options;
  const nowMs = (): number => options.now().getTime();

  const turns = createKeyTurns();
  const isThere = (uploadId: string): Promise<boolean> => operations.exists(uploads.recordPath(uploadId));

  const unlessDamaged = async <T>(what: string, work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof ObjectCorruptError)) throw error;
      options.onDamage(what, error);
      return undefined;
    }
  };

  const read = (uploadId: string): Promise<OpenUpload | undefined> =>
    readUpload(operations, masterKey, uploads.recordPath(uploadId), uploadId);

  const describePart = async (uploadId: string, number: number): Promise<UploadedPart | undefined> => {
    const path = uploads.partPath(uploadId, number);
    const opening = openObject(operations, masterKey, path, isPartOf(number, uploadId));
    // What is damaged is to be sent again, as what never came.
    const part = await unlessDamaged(`part ${number} of the upload ${uploadId}`, unlessMissing(opening));
    if (!part) return undefined;
    await part.close();
    const { etag, sizeBytes, sha256, checksum, createdAtMs } = part.metadata;
    return {
      number,
      etag,
      sizeBytes,
      modifiedAtMs: createdAtMs,
      ...(sha256 !== undefined && { sha256 }),
      ...(checksum && { checksum }),
    };
  };

  return {
    async create(about) {
      const createdAtMs = nowMs();
      // Ids in the order of time, with 80 bits that nobody guesses.
      const uploadId = createdAtMs.toString(16).padStart(12, "0") + randomBytes(10).toString("hex");
      await uploads.create(uploadId);
      const sealed = { contentType: recordType, createdAtMs, belongsTo: recordName(uploadId) };
      await publishContent(options, encodeUpload(about), sealed, async (path) => {
        await operations.rename(path, uploads.recordPath(uploadId));
        await uploads.sync(uploadId);
      });
      return uploadId;
    },

    async find(key, uploadId) {
      const upload = isUploadId(uploadId) ? await read(uploadId) : undefined;
      if (upload?.key !== key) throw noSuchUpload();
      return upload;
    },

    async receivePart({ uploadId }, partNumber, about) {
      const incoming = await receiveContent(options, about);
      return {
        push: incoming.push,
        finish: incoming.finish,
        discard: incoming.discard,
        async publish(checksum) {
          const createdAtMs = nowMs();
          const belongsTo = partName(partNumber, uploadId);
          const sealed = { contentType: "", createdAtMs, belongsTo, ...(checksum && { checksum }) };
          const { etag } = await incoming.publish(sealed, async (path) => {
            try {
              await operations.rename(path, uploads.partPath(uploadId, partNumber));
              await uploads.sync(uploadId);
            } catch (error) {
              // Ended while the part was being sent.
              if (isFileError(error, "ENOENT")) throw noSuchUpload(error);
              throw error;
            }
          });
          return { etag, createdAtMs };
        },
      };
    },

    async listParts({ uploadId }, { after, limit }) {
      const numbers = (await uploads.partNumbers(uploadId))?.filter((number) => number > after);
      if (!numbers) throw noSuchUpload();
      const parts: (UploadedPart | undefined)[] = [];
      const page = numbers.slice(0, limit);
      await inParallel(page, parallelReads, async (number, index) => {
        parts[index] = await describePart(uploadId, number);
      });
      // One that ended meanwhile had its parts removed under our eyes.
      if (!(await isThere(uploadId))) throw noSuchUpload();
      const last = page.at(-1);
      return {
        parts: parts.filter((part) => part !== undefined),
        isTruncated: numbers.length > limit,
        ...(last !== undefined && { last }),
      };
    },

    async complete(upload, chosen, { maxObjectBytes, accept, ...condition }) {
      const place = {
        ...options,
        limits: { minPartBytes: options.minPartBytes, maxObjectBytes },
        partPath: uploads.partPath,
        async accept(completed: CompletedObject) {
          accept(completed);
          // An abort that came first was told that it worked.
          if (!(await isThere(upload.uploadId))) throw noSuchUpload();
        },
        publish: (path: string) => names.publish(upload.key, condition, path),
      };
      // In turns with others that end it: of an abort and a completion one is told that it worked.
      return turns.take(upload.uploadId, async () => {
        try {
          const completed = await joinChosenParts(place, upload, chosen, nowMs());
          await uploads.remove(upload.uploadId);
          return completed;
        } catch (error) {
          // Its parts went with it, when another ended it.
          if (error instanceof PartsRefusedError && !(await isThere(upload.uploadId)))
            throw noSuchUpload(error);
          throw error;
        }
      });
    },

    async abort({ uploadId }) {
      if (!(await turns.take(uploadId, () => uploads.remove(uploadId)))) throw noSuchUpload();
    },

    async abortDamaged(uploadId) {
      await uploads.remove(uploadId);
    },

    async list(prefix) {
      const found: (OpenUpload | undefined)[] = [];
      await inParallel(await uploads.ids(), parallelReads, async (uploadId, index) => {
        found[index] = await unlessDamaged(`the record of the upload ${uploadId}`, read(uploadId));
      });
      return found
        .filter((upload) => upload !== undefined)
        .filter(({ key }) => key.startsWith(prefix))
        .sort(
          (a, b) =>
            Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) || (a.uploadId < b.uploadId ? -1 : 1),
        );
    },
  };
}

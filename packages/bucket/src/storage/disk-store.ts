import type { KeyObject } from "node:crypto";
import { dirname, join } from "node:path";
import { createDurableDirectories } from "./durable-directories.ts";
import { type FileOperations, isFileError, unlessMissing } from "./file-operations.ts";
import { checkHardLinks } from "./hard-links-check.ts";
import { type ContentAbout, receiveContent } from "./incoming-content.ts";
import { createIncomingFiles } from "./incoming-files.ts";
import { joinParts } from "./join-parts.ts";
import { type ListingPlace, listObjects, type ObjectPage } from "./list-stored-objects.ts";
import { checkMasterKey, masterKeyCheckPath } from "./master-key-check.ts";
import { createMultipartUploads, type MultipartUploads } from "./multipart-uploads.ts";
import type { ContentChecksum, ObjectMetadata, ObjectTag } from "./object-file.ts";
import { createObjectNames, type WriteCondition } from "./object-names.ts";
import { createPartDirectories } from "./part-directories.ts";
import { openObject, type StoredObject } from "./read-object.ts";
import type { ObjectCorruptError } from "./segment-cipher.ts";
import { sweep } from "./sweep.ts";
import { tagObject } from "./tag-object.ts";
import { createUploadDirectories } from "./upload-directories.ts";
import type { ContentDigests } from "./write-object.ts";

/** An object on its way in. Exactly one of `publish` and `discard` ends it. */
export interface IncomingObject {
  /** See ObjectWriter. */
  push(content: Buffer): Promise<void> | undefined;
  finish(): Promise<ContentDigests>;
  /** After `finish`. Resolves with what was stored, durable; throws ObjectExistsError and ObjectChangedError. Nothing is left on failure. */
  publish(about: {
    readonly etag?: string;
    readonly contentType: string;
    readonly checksum?: ContentChecksum;
  }): Promise<{ readonly etag: string; readonly createdAtMs: number }>;
  discard(): Promise<void>;
}

export interface DiskStore {
  /**
   * Makes the directories, removes what a crash left (unless `sweeps` is false), checks master key and hard links. Before
   * anything else.
   */
  prepare(options?: { readonly sweeps?: boolean }): Promise<void>;
  /** When the directory was first used, in milliseconds since 1970. */
  createdAtMs(): Promise<number>;
  /** Removes what failed requests and dead processes have left, while others are served. Now and then. */
  sweep(): Promise<void>;
  exists(key: string): Promise<boolean>;
  /** `undefined` where there is no object. Throws ObjectCorruptError. */
  metadataOf(key: string): Promise<ObjectMetadata | undefined>;
  receive(key: string, about: ContentAbout & WriteCondition): Promise<IncomingObject>;
  /** `undefined` where there is none. Throws ObjectCorruptError. The caller closes it. */
  open(key: string): Promise<StoredObject | undefined>;
  /**
   * Gives an object a second key, without copying a byte. `accept` sees the very object that is going to
   * be published and refuses by throwing. `undefined` where there is none; throws ObjectExistsError.
   */
  copy(
    from: string,
    to: string,
    options: WriteCondition & { accept(metadata: ObjectMetadata): void },
  ): Promise<ObjectMetadata | undefined>;
  /** Resolves once it would survive a power cut; the same where there was none. Throws ObjectChangedError. */
  remove(key: string, condition?: Pick<WriteCondition, "onlyIf">): Promise<void>;
  /**
   * Gives an object these tags, or none, instead of those that it has, durably; the rest of it stays. `undefined`
   * where there is none. Throws ObjectCorruptError, and ObjectChangedError where others write it all the time.
   */
  setTags(key: string, tags: readonly ObjectTag[] | undefined): Promise<ObjectMetadata | undefined>;
  list(page: ListingPlace): Promise<ObjectPage>;
  readonly uploads: MultipartUploads;
}

/** What S3 wants of every part but the last. */
const s3MinPartBytes = 5 * 1024 ** 2;

export function createDiskStore(options: {
  readonly directory: string;
  readonly masterKey: KeyObject;
  readonly operations: FileOperations;
  readonly now: () => Date;
  /** Default 5 MiB. */
  readonly minPartBytes?: number;
  /** Hears of what could not be removed. It is tried again by `sweep`, or the next start. */
  readonly onCleanupFailure?: (error: unknown) => void;
  /**
   * Hears of damage that is passed over, where others are told of as well: by its key, or in words. What a request is
   * about, it is refused for.
   */
  readonly onDamage?: (what: string, error: ObjectCorruptError) => void;
}): DiskStore {
  const { directory, masterKey, operations, now, onCleanupFailure = () => undefined } = options;
  const { onDamage = () => undefined } = options;
  const objectsRoot = join(directory, "objects");
  const roots = createDurableDirectories(operations, directory);
  const incoming = createIncomingFiles(operations, join(directory, "incoming"), onCleanupFailure);
  const parts = createPartDirectories(operations, join(directory, "parts"), onCleanupFailure);
  const uploads = createUploadDirectories(operations, join(directory, "uploads"), onCleanupFailure);
  const place = { operations, masterKey, incoming };
  const swept = { operations, objectsRoot, incoming, parts, uploads };
  const names = createObjectNames({
    ...place,
    root: objectsRoot,
    directories: createDurableDirectories(operations, objectsRoot),
    parts,
    onCleanupFailure,
  });

  const makeHome = async (): Promise<void> => {
    let isNew = true;
    try {
      await operations.createDirectory(directory);
    } catch (error) {
      if (!isFileError(error, "EEXIST")) throw error;
      isNew = false;
    }
    try {
      // Also where it was there: whoever made it may have died before the sync.
      await operations.syncDirectory(dirname(directory));
    } catch (error) {
      // Not ours to open, hence somebody else's to have made.
      if (isNew || !isFileError(error, "EACCES", "EPERM")) throw error;
    }
  };

  /** What lists parts must be held while they are read: others may take it away and remove them. */
  const openHeld = async (key: string): Promise<StoredObject | undefined> => {
    let held: string | undefined;
    try {
      held = await names.hold(key);
      if (held === undefined) return undefined;
    } catch (error) {
      // As many names as a file may have: they hold it well enough.
      if (!isFileError(error, "EMLINK")) throw error;
    }
    const letGo = async (): Promise<void> => {
      if (held !== undefined) await names.release(held);
    };
    try {
      const manifest = await openObject(operations, masterKey, held ?? names.pathOf(key));
      const close = async (): Promise<void> => {
        try {
          await manifest.close();
        } finally {
          await letGo();
        }
      };
      const about = manifest.metadata.parts;
      // Replaced meanwhile by an object that is one file.
      if (!about) return { ...manifest, close };
      const pathOf = (partNumber: number): string => parts.pathOf(about.directory, partNumber);
      return joinParts({ operations, masterKey, pathOf }, { ...manifest, close });
    } catch (error) {
      await letGo();
      throw error;
    }
  };

  return {
    async prepare({ sweeps = true } = {}) {
      await makeHome();
      for (const root of ["objects", "incoming", "uploads", "parts"]) await roots.ensure([root]);
      await checkHardLinks(operations, directory);
      if (sweeps) await sweep(swept, now().getTime(), true);
      await checkMasterKey({ ...place, directory });
    },

    createdAtMs: () => operations.modifiedAtMs(masterKeyCheckPath(directory)),
    sweep: () => sweep(swept, now().getTime(), false),

    exists: (key) => operations.exists(names.pathOf(key)),

    async metadataOf(key) {
      const object = await unlessMissing(openObject(operations, masterKey, names.pathOf(key)));
      await object?.close();
      return object?.metadata;
    },

    async receive(key, { onlyIfAbsent, onlyIf, ...content }) {
      const { push, finish, discard, publish } = await receiveContent(place, content);
      return {
        push,
        finish,
        discard,
        async publish(about) {
          const createdAtMs = now().getTime();
          const condition = { onlyIfAbsent, ...(onlyIf && { onlyIf }) };
          const { etag } = await publish({ ...about, createdAtMs }, (path) =>
            names.publish(key, condition, path),
          );
          return { etag, createdAtMs };
        },
      };
    },

    async open(key) {
      const object = await unlessMissing(openObject(operations, masterKey, names.pathOf(key)));
      if (!object?.metadata.parts) return object;
      await object.close();
      return openHeld(key);
    },

    async copy(from, to, { accept, ...condition }) {
      // A name of our own holds on to the object that is read and judged, whatever becomes of its key.
      const held = await names.hold(from);
      if (held === undefined) return undefined;
      try {
        const source = await openObject(operations, masterKey, held);
        await source.close();
        accept(source.metadata);
        await names.publish(to, condition, held);
        return source.metadata;
      } finally {
        await names.release(held);
      }
    },

    remove: names.remove,
    setTags: (key, tags) => tagObject({ ...place, names, parts }, key, tags),
    list: (page) => listObjects({ operations, masterKey, root: objectsRoot, onDamage }, page),
    uploads: createMultipartUploads({
      ...place,
      names,
      parts,
      uploads,
      now,
      onDamage,
      minPartBytes: options.minPartBytes ?? s3MinPartBytes,
    }),
  };
}

import type { KeyObject } from "node:crypto";
import { dirname, join } from "node:path";
import { createDurableDirectories } from "./durable-directories.ts";
import { type FileOperations, isFileError, type OpenFile } from "./file-operations.ts";
import { createIncomingFiles } from "./incoming-files.ts";
import { pathComponents, toByteString } from "./key-path.ts";
import { listObjects, type ObjectPage } from "./list-stored-objects.ts";
import { checkMasterKey } from "./master-key-check.ts";
import { createObjectKey, type ObjectMetadata } from "./object-file.ts";
import { publishObject } from "./publish-object.ts";
import { openObject, type StoredObject } from "./read-object.ts";
import { type ContentDigests, createObjectWriter } from "./write-object.ts";

/** An object on its way in. Exactly one of `publish` and `discard` ends it. */
export interface IncomingObject {
  /** See ObjectWriter. */
  push(content: Buffer): Promise<void> | undefined;
  finish(): Promise<ContentDigests>;
  /** After `finish`. Resolves with what was stored, durable; throws ObjectExistsError. Nothing is left on failure. */
  publish(about: {
    readonly etag?: string;
    readonly contentType: string;
  }): Promise<{ readonly etag: string }>;
  discard(): Promise<void>;
}

export interface DiskStore {
  /** Makes the directories, removes what a crash left, checks the master key. Before anything else. */
  prepare(): Promise<void>;
  exists(key: string): Promise<boolean>;
  receive(
    key: string,
    about: { readonly sizeBytes: number; readonly withMd5: boolean; readonly onlyIfAbsent: boolean },
  ): Promise<IncomingObject>;
  /** `undefined` where there is none. Throws ObjectCorruptError. The caller closes it. */
  open(key: string): Promise<StoredObject | undefined>;
  /**
   * Gives an object a second key, without copying a byte. `accept` sees the very object that is going to
   * be published and refuses by throwing. `undefined` where there is none; throws ObjectExistsError.
   */
  copy(
    from: string,
    to: string,
    options: { readonly onlyIfAbsent: boolean; accept(metadata: ObjectMetadata): void },
  ): Promise<ObjectMetadata | undefined>;
  /** Resolves once it would survive a power cut; the same where there was none. */
  remove(key: string): Promise<void>;
  list(options: {
    readonly prefix: string;
    readonly after: string;
    readonly limit: number;
  }): Promise<ObjectPage>;
}

export function createDiskStore(options: {
  readonly directory: string;
  readonly masterKey: KeyObject;
  readonly operations: FileOperations;
  readonly now: () => Date;
}): DiskStore {
  const { directory, masterKey, operations, now } = options;
  const objectsRoot = join(directory, "objects");
  const incomingRoot = join(directory, "incoming");
  const directories = createDurableDirectories(operations, objectsRoot);
  const roots = createDurableDirectories(operations, directory);
  const incoming = createIncomingFiles(operations, incomingRoot);

  const pathOf = (key: string): string => {
    const { directories: names, file } = pathComponents(toByteString(key));
    return join(objectsRoot, ...names, file);
  };

  const removeIfThere = async (path: string): Promise<boolean> => {
    try {
      await operations.remove(path);
      return true;
    } catch (error) {
      if (isFileError(error, "ENOENT")) return false;
      throw error;
    }
  };

  const publishAs = async (key: string, onlyIfAbsent: boolean, from: string): Promise<void> => {
    const { directories: names, file } = pathComponents(toByteString(key));
    await publishObject(operations, { directory: await directories.ensure(names), file, onlyIfAbsent }, from);
  };

  const makeHome = async (): Promise<void> => {
    try {
      await operations.createDirectory(directory);
    } catch (error) {
      if (isFileError(error, "EEXIST")) return;
      throw error;
    }
    await operations.syncDirectory(dirname(directory));
  };

  const createIncoming = async (path: string): Promise<OpenFile> => {
    try {
      return await operations.createFile(path);
    } catch (error) {
      // A file system that has no room for the content may still have made the name.
      await removeIfThere(path);
      throw error;
    }
  };

  return {
    async prepare() {
      await makeHome();
      await roots.ensure(["objects"]);
      await roots.ensure(["incoming"]);
      await incoming.removeAbandoned(now().getTime());
      await checkMasterKey({ operations, masterKey, directory, newPath: incoming.newPath });
    },

    exists: (key) => operations.exists(pathOf(key)),

    async receive(key, { sizeBytes, withMd5, onlyIfAbsent }) {
      const path = incoming.newPath();
      const file = await createIncoming(path);
      const writer = createObjectWriter({ file, objectKey: createObjectKey(masterKey), sizeBytes, withMd5 });
      const dropFile = async (): Promise<void> => {
        await Promise.all([file.close(), removeIfThere(path)]);
      };
      return {
        push: writer.push,
        finish: writer.finish,
        async publish(about) {
          try {
            const etag = await writer.seal({ ...about, createdAtMs: now().getTime() });
            await publishAs(key, onlyIfAbsent, path);
            return { etag };
          } finally {
            await dropFile();
          }
        },
        discard: dropFile,
      };
    },

    async open(key) {
      try {
        return await openObject(operations, masterKey, pathOf(key));
      } catch (error) {
        if (isFileError(error, "ENOENT")) return undefined;
        throw error;
      }
    },

    async copy(from, to, { onlyIfAbsent, accept }) {
      // A name of our own holds on to the object that is read and judged, whatever becomes of its key.
      const held = incoming.newPath();
      try {
        await operations.link(pathOf(from), held);
      } catch (error) {
        if (isFileError(error, "ENOENT")) return undefined;
        throw error;
      }
      try {
        const source = await openObject(operations, masterKey, held);
        await source.close();
        accept(source.metadata);
        await publishAs(to, onlyIfAbsent, held);
        return source.metadata;
      } finally {
        await removeIfThere(held);
      }
    },

    async remove(key) {
      const { directories: names, file } = pathComponents(toByteString(key));
      const parent = join(objectsRoot, ...names);
      if (await removeIfThere(join(parent, file))) await operations.syncDirectory(parent);
    },

    list: (page) => listObjects({ operations, masterKey, root: objectsRoot }, page),
  };
}

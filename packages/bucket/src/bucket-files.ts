import { createSecretKey } from "node:crypto";
import { join, relative, sep } from "node:path";
import { diskFileOperations } from "./storage/file-operations.ts";
import { hardLinksCheckNames } from "./storage/hard-links-check.ts";
import { pathComponents, toByteString } from "./storage/key-path.ts";
import { masterKeyCheckName } from "./storage/master-key-check.ts";
import { createPartDirectories } from "./storage/part-directories.ts";
import { decodeManifest } from "./storage/part-manifest.ts";
import { openObject, readWhole } from "./storage/read-object.ts";
import { walkKeys } from "./storage/walk-keys.ts";

/**
 * How objects lie in a bucket's directory, for whoever copies it beside a server that writes to it. Paths are below
 * the directory, with `/`. No file of an object changes once it is there, but any may go at any moment.
 */
export interface BucketFiles {
  /** Every key's file, in the order of the keys; those that come or go meanwhile may or may not be among them. */
  walkObjects(): AsyncGenerator<string, void, undefined>;
  /** Where the file of a key is, if there is one. */
  pathOf(key: string): string;
  /**
   * Of an object that was sent in parts: the parts, which its file lists, and a further name that the file has beside
   * them. They go only once the object's own name is gone: whoever has copied all of them has the whole object.
   * Rejects with `ENOENT` where there is no object, and with `object-corrupt` where its file is damaged.
   */
  partsOf(path: string): Promise<{ readonly parts: readonly string[]; readonly anchor: string } | undefined>;
  /** What is in the directory besides objects and work under way, and tells that it is whole. */
  readonly marks: readonly string[];
}

/**
 * Looks at the directory of a bucket, and changes nothing.
 *
 * @param masterKey - 32 bytes
 */
export function openBucketFiles({
  directory,
  masterKey,
}: {
  readonly directory: string;
  readonly masterKey: Uint8Array;
}): BucketFiles {
  const operations = diskFileOperations;
  const key = createSecretKey(masterKey);
  const objectsRoot = join(directory, "objects");
  const partDirectories = createPartDirectories(operations, join(directory, "parts"), () => undefined);
  const below = (path: string): string => relative(directory, path).split(sep).join("/");

  return {
    marks: [masterKeyCheckName, ...hardLinksCheckNames],

    async *walkObjects() {
      for await (const { path } of walkKeys(operations, objectsRoot, { prefix: "", after: "" }))
        yield below(path);
    },

    pathOf(objectKey) {
      const { directories, file } = pathComponents(toByteString(objectKey));
      return ["objects", ...directories, file].join("/");
    },

    async partsOf(path) {
      const object = await openObject(operations, key, join(directory, path));
      try {
        const { parts } = object.metadata;
        if (!parts) return undefined;
        const listed = decodeManifest(await readWhole(object));
        return {
          parts: listed.map(({ number }) => below(partDirectories.pathOf(parts.directory, number))),
          anchor: below(partDirectories.anchorOf(parts.directory)),
        };
      } finally {
        await object.close();
      }
    },
  };
}

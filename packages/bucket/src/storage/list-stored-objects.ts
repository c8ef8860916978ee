import type { KeyObject } from "node:crypto";
import { type FileOperations, isFileError } from "./file-operations.ts";
import { fromByteString, toByteString } from "./key-path.ts";
import { objectSizeIn } from "./object-file.ts";
import { openObject } from "./read-object.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";
import { type WalkedKey, walkKeys } from "./walk-keys.ts";

/** Files opened at the same time for one page. */
const parallelReads = 16;

export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** Without the quotes; absent where the object's file is corrupt. */
  readonly etag?: string;
}

export interface ObjectPage {
  readonly objects: readonly ListedObject[];
  /** Whether more keys follow `lastKey`. */
  readonly isTruncated: boolean;
  /** The last key looked at, also where its object was removed meanwhile and is not listed. */
  readonly lastKey?: string;
}

interface Place {
  readonly operations: FileOperations;
  readonly masterKey: KeyObject;
  readonly root: string;
}

/** One page of a listing: at most `limit` keys after `after` that start with `prefix`, in UTF-8 order. */
export async function listObjects(
  place: Place,
  { prefix, after, limit }: { readonly prefix: string; readonly after: string; readonly limit: number },
): Promise<ObjectPage> {
  const keys: WalkedKey[] = [];
  let isTruncated = false;
  const wanted = { prefix: toByteString(prefix), after: toByteString(after) };
  if (limit > 0)
    for await (const walked of walkKeys(place.operations, place.root, wanted)) {
      if (keys.length === limit) {
        isTruncated = true;
        break;
      }
      keys.push(walked);
    }

  const objects: (ListedObject | undefined)[] = [];
  let next = 0;
  const describeSome = async (): Promise<void> => {
    while (next < keys.length) {
      const index = next;
      next += 1;
      const walked = keys[index];
      if (walked) objects[index] = await describe(place, walked);
    }
  };
  await Promise.all(Array.from({ length: parallelReads }, describeSome));

  const lastKey = keys.at(-1)?.key;
  return {
    objects: objects.filter((object) => object !== undefined),
    isTruncated,
    ...(lastKey !== undefined && { lastKey: fromByteString(lastKey) }),
  };
}

async function describe(place: Place, walked: WalkedKey): Promise<ListedObject | undefined> {
  const key = fromByteString(walked.key);
  try {
    const { metadata, close } = await openObject(place.operations, place.masterKey, walked.path);
    await close();
    return { key, sizeBytes: metadata.sizeBytes, modifiedAtMs: metadata.createdAtMs, etag: metadata.etag };
  } catch (error) {
    if (isFileError(error, "ENOENT")) return undefined;
    // One damaged file must not hide all other objects from whoever lists them to set things right.
    if (error instanceof ObjectCorruptError) return describeCorrupt(place, walked.path, key);
    throw error;
  }
}

async function describeCorrupt(
  { operations }: Place,
  path: string,
  key: string,
): Promise<ListedObject | undefined> {
  const file = await operations.openFile(path);
  try {
    const sizeBytes = objectSizeIn(await file.sizeBytes());
    return { key, sizeBytes, modifiedAtMs: await operations.modifiedAtMs(path) };
  } finally {
    await file.close();
  }
}

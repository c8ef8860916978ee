import type { KeyObject } from "node:crypto";
import { commonPrefixOf } from "./common-prefix.ts";
import { type FileOperations, isFileError, unlessMissing } from "./file-operations.ts";
import { inParallel } from "./in-parallel.ts";
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

export interface ListingPlace {
  readonly prefix: string;
  /** Keys that have this after the prefix are listed as what they have up to and with it, once. Default none. */
  readonly delimiter?: string;
  /** A key, or a common prefix, after which the page begins. */
  readonly after: string;
  /** Of keys and common prefixes together. */
  readonly limit: number;
}

export interface ObjectPage {
  readonly objects: readonly ListedObject[];
  readonly commonPrefixes: readonly string[];
  /** Whether more follows `last`. */
  readonly isTruncated: boolean;
  /** The last key or common prefix, also where its object was removed meanwhile and is not listed. */
  readonly last?: string;
}

interface Place {
  readonly operations: FileOperations;
  readonly masterKey: KeyObject;
  readonly root: string;
  /** Hears of objects that can't be read, and are listed nevertheless. */
  onDamage(key: string, error: ObjectCorruptError): void;
}

/** After all that begins with `bytes`: no UTF-8 has this one. */
const pastAll = (bytes: string): string => `${bytes}\u00ff`;

/** One page of a listing: what comes after `after` and starts with `prefix`, in UTF-8 order. */
export async function listObjects(
  place: Place,
  { prefix: prefixText, delimiter: delimiterText = "", after, limit }: ListingPlace,
): Promise<ObjectPage> {
  const prefix = toByteString(prefixText);
  const delimiter = toByteString(delimiterText);
  const keys: WalkedKey[] = [];
  const commonPrefixes: string[] = [];
  let isTruncated = false;
  let last: string | undefined;
  const wanted = { prefix, after: toByteString(after) };
  // The common prefix that a marker lies in, or is, comes before what follows the marker.
  const passed = commonPrefixOf(wanted.after, prefix, delimiter);
  if (passed !== undefined) wanted.after = pastAll(passed);
  if (limit > 0)
    for await (const walked of walkKeys(place.operations, place.root, wanted)) {
      if (keys.length + commonPrefixes.length === limit) {
        isTruncated = true;
        break;
      }
      const common = commonPrefixOf(walked.key, prefix, delimiter);
      last = common ?? walked.key;
      if (common === undefined) keys.push(walked);
      else {
        commonPrefixes.push(common);
        wanted.after = pastAll(common);
      }
    }

  const objects: (ListedObject | undefined)[] = [];
  await inParallel(keys, parallelReads, async (walked, index) => {
    objects[index] = await describe(place, walked);
  });
  return {
    objects: objects.filter((object) => object !== undefined),
    commonPrefixes: commonPrefixes.map(fromByteString),
    isTruncated,
    ...(last !== undefined && { last: fromByteString(last) }),
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
    if (error instanceof ObjectCorruptError) {
      place.onDamage(key, error);
      return unlessMissing(describeCorrupt(place, walked.path, key));
    }
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

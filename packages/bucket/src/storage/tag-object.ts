import type { KeyObject } from "node:crypto";
import type { FileOperations } from "./file-operations.ts";
import { inParallel } from "./in-parallel.ts";
import { receiveContent } from "./incoming-content.ts";
import type { IncomingFiles } from "./incoming-files.ts";
import { contentBytesIn, type ObjectMetadata, type ObjectTag } from "./object-file.ts";
import { ObjectChangedError, type ObjectNames } from "./object-names.ts";
import type { PartDirectories } from "./part-directories.ts";
import { decodeManifest } from "./part-manifest.ts";
import { pourContent } from "./pour-content.ts";
import { openObject, readWhole, type StoredObject } from "./read-object.ts";

/** Whoever is overtaken by others so often in a row is told so. */
const maxAttempts = 10;
/** Parts that get a further name simultaneously. */
const parallelLinks = 16;

interface Place {
  readonly operations: FileOperations;
  readonly masterKey: KeyObject;
  readonly incoming: IncomingFiles;
  readonly names: ObjectNames;
  readonly parts: PartDirectories;
}

/**
 * Gives a key's object other tags. They are sealed in its file's header, and no header is sealed twice under one key:
 * so the file is written anew, under a key of its own, with the same content, ETag and date, and takes the place
 * of the very file that was read; where that was replaced meanwhile, it begins again. Copies keep the tags that
 * they have. `undefined` where there is no object. Throws ObjectCorruptError and, after ten attempts, ObjectChangedError.
 */
export async function tagObject(
  place: Place,
  key: string,
  tags: readonly ObjectTag[] | undefined,
): Promise<ObjectMetadata | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const held = await place.names.hold(key);
    if (held === undefined) return undefined;
    try {
      return await writeAnew(place, key, held, tags);
    } catch (error) {
      if (!(error instanceof ObjectChangedError) || attempt === maxAttempts) throw error;
    } finally {
      await place.names.release(held);
    }
  }
}

async function writeAnew(
  place: Place,
  key: string,
  held: string,
  tags: readonly ObjectTag[] | undefined,
): Promise<ObjectMetadata> {
  const source = await openObject(place.operations, place.masterKey, held);
  try {
    const publish = (path: string): Promise<void> =>
      place.names.publish(key, { onlyIfAbsent: false, onlyOver: held }, path);
    const { parts } = source.metadata;
    if (parts) await rewriteList(place, source, parts.directory, tags, publish);
    else await rewrite(place, source, tags, undefined, publish);
    return source.metadata;
  } finally {
    await source.close();
  }
}

/** Writes what the file `source` holds, content or list, into another. */
async function rewrite(
  place: Place,
  source: StoredObject,
  tags: readonly ObjectTag[] | undefined,
  partsDirectory: string | undefined,
  publish: (path: string) => Promise<void>,
): Promise<void> {
  const { sizeBytes, etag, contentType, createdAtMs, checksum, composite, headers } = source.metadata;
  const contentBytes = contentBytesIn(source.metadata);
  const kept = { headers, tags };
  const incoming = await receiveContent(place, { sizeBytes: contentBytes, withMd5: false, ...kept });
  await pourContent(source, { start: 0, end: contentBytes }, incoming, () => undefined);
  const about = { etag, contentType, createdAtMs, ...(checksum && { checksum }) };
  const joined = partsDirectory !== undefined && {
    joined: { sizeBytes, directory: partsDirectory, ...(composite && { composite }) },
  };
  await incoming.publish({ ...about, ...joined }, publish);
}

/**
 * Only the list of the parts is written anew. It gets a directory of its own, with further names of the parts: what
 * says whether parts are needed is how many names the one file has that they were bound to (part-directories.ts).
 */
async function rewriteList(
  place: Place,
  source: StoredObject,
  from: string,
  tags: readonly ObjectTag[] | undefined,
  publish: (path: string) => Promise<void>,
): Promise<void> {
  const { operations, parts } = place;
  const directory = await parts.create();
  let isBeingPublished = false;
  try {
    await inParallel(decodeManifest(await readWhole(source)), parallelLinks, async ({ number }) => {
      await operations.link(parts.pathOf(from, number), parts.pathOf(directory, number));
    });
    await rewrite(place, source, tags, directory, async (path) => {
      await parts.bind(directory, path);
      isBeingPublished = true;
      await publish(path);
    });
  } catch (error) {
    // Where it is not known whether the key's name came to be, the next start decides.
    if (!isBeingPublished || error instanceof ObjectChangedError) await parts.dispose(directory);
    throw error;
  }
}

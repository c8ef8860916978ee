import type { KeyObject } from "node:crypto";
import { type FileOperations, isFileError } from "./file-operations.ts";
import { decodeManifest, type ManifestPart } from "./part-manifest.ts";
import { isPart } from "./part-name.ts";
import { openObject, readWhole, type StoredObject } from "./read-object.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";

interface Place {
  readonly operations: FileOperations;
  readonly masterKey: KeyObject;
  pathOf(partNumber: number): string;
}

/** The object that the parts listed in `manifest` make. Whoever reads it keeps the parts from being removed. */
export const joinParts = (place: Place, manifest: StoredObject): StoredObject => ({
  metadata: manifest.metadata,
  read: (start, end) => readAcross(place, manifest, start, end),
  close: manifest.close,
  listParts: async () => decodeManifest(await readWhole(manifest)),
});

/** Opens only the parts, and in them reads only the segments, that the range touches. */
async function* readAcross(
  place: Place,
  manifest: StoredObject,
  start: number,
  end: number,
): AsyncGenerator<Buffer[], void, undefined> {
  if (start >= end) return;
  let partEnd = 0;
  for (const listed of decodeManifest(await readWhole(manifest))) {
    const partStart = partEnd;
    partEnd += listed.sizeBytes;
    if (partEnd <= start) continue;
    if (partStart >= end) return;
    const part = await openPart(place, listed);
    try {
      yield* part.read(Math.max(0, start - partStart), Math.min(listed.sizeBytes, end - partStart));
    } finally {
      await part.close();
    }
  }
}

async function openPart(place: Place, { number, sizeBytes, sha256 }: ManifestPart): Promise<StoredObject> {
  let part: StoredObject;
  try {
    part = await openObject(place.operations, place.masterKey, place.pathOf(number), isPart(number));
  } catch (cause) {
    if (isFileError(cause, "ENOENT")) throw new ObjectCorruptError(`part ${number} is missing`, { cause });
    throw cause;
  }
  if (part.metadata.sizeBytes === sizeBytes && part.metadata.sha256 === sha256) return part;
  await part.close();
  throw new ObjectCorruptError(`part ${number} is not the one that was uploaded`);
}

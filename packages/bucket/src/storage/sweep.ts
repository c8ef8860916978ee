import { type FileOperations, unlessMissing } from "./file-operations.ts";
import type { IncomingFiles } from "./incoming-files.ts";
import type { PartDirectories } from "./part-directories.ts";
import { syncObjectDirectories } from "./sync-object-directories.ts";
import type { UploadDirectories } from "./upload-directories.ts";

interface Place {
  readonly operations: FileOperations;
  readonly objectsRoot: string;
  readonly incoming: IncomingFiles;
  readonly parts: PartDirectories;
  readonly uploads: UploadDirectories;
}

/**
 * Removes what nobody needs: what processes that died were writing, parts without an object, uploads without a
 * record. `isStart`: the process ids in names are believed, as far as that goes; later only their age is.
 */
export async function sweep(place: Place, nowMs: number, isStart: boolean): Promise<void> {
  const { operations, incoming, parts, uploads } = place;
  // Who died may have taken an object's name away without coming to the sync: a power cut would bring the name
  // back, and must not find its parts gone. What held on to them had a further name.
  const makeRemovalsDurable = (): Promise<void> => syncObjectDirectories(operations, place.objectsRoot);

  await incoming.retryRemovals();
  const abandoned = await incoming.findAbandoned(nowMs, isStart);
  const linkCounts = await Promise.all(abandoned.map((path) => unlessMissing(operations.linkCount(path))));
  if (linkCounts.some((links = 0) => links > 1)) await makeRemovalsDurable();
  for (const path of abandoned) await incoming.remove(path);
  // Only now: the names in incoming/ keep parts from being removed.
  await parts.removeUnused(nowMs, makeRemovalsDurable);
  await uploads.removeAbandoned(nowMs);
}

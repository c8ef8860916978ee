import { randomBytes } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { incomingFolder, listBackups, objectPath, objectsFolder } from "./backup-place.ts";
import { syncDirectory } from "./durable-files.ts";
import { openFileList } from "./file-list.ts";
import { fileListName } from "./manifest.ts";

/**
 * Removes all but the newest `keep` backups of a place, and the objects that none of those needs. Answers the names of
 * those removed. Broken off, it leaves objects that nobody needs, which the next one removes.
 */
export async function removeOldBackups(place: string, keep: number, signal: AbortSignal): Promise<string[]> {
  const all = await listBackups(place);
  const old = all.slice(0, Math.max(0, all.length - keep));
  for (const name of old) {
    signal.throwIfAborted();
    // Out of sight in one step: a backup that is half removed must not look like one.
    const gone = join(incomingFolder(place), randomBytes(16).toString("hex"));
    await rename(join(place, name), gone);
    await syncDirectory(place);
    await rm(gone, { recursive: true });
  }
  await removeUnneeded(place, all.slice(old.length), signal);
  return old;
}

async function removeUnneeded(place: string, kept: readonly string[], signal: AbortSignal): Promise<void> {
  const needed = new Set<string>();
  for (const name of kept) {
    using list = openFileList(join(place, name, fileListName), { readOnly: true });
    for (const { sha256 } of list.all()) needed.add(sha256);
  }
  for (const folder of await readdir(objectsFolder(place)))
    for (const name of await readdir(join(objectsFolder(place), folder))) {
      signal.throwIfAborted();
      const sha256 = `${folder}${name}`;
      if (!needed.has(sha256)) await rm(objectPath(place, sha256));
    }
}

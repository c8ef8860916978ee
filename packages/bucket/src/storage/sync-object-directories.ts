import { join } from "node:path";
import { type FileOperations, unlessMissing } from "./file-operations.ts";
import { inParallel } from "./in-parallel.ts";
import { parseName } from "./key-path.ts";

const parallelSyncs = 16;

/**
 * Makes all that was done to the names of objects durable, whoever did it. For the rare moment in which a process
 * that died may have taken a name away without having come to the sync.
 */
export async function syncObjectDirectories(operations: FileOperations, root: string): Promise<void> {
  const directories = [root];
  for (const directory of directories)
    for (const name of (await unlessMissing(operations.list(directory))) ?? [])
      if (parseName(name)?.kind === "directory") directories.push(join(directory, name));
  await inParallel(directories, parallelSyncs, operations.syncDirectory);
}

import type { File } from "@stowage/protocol";
import type { AbortSignalLike, FileSource } from "../ports.ts";
import type { Uploader } from "../uploader.ts";

/** Files that become ready within this time are looked up together. */
const gatheringMs = 250;

/** Beside those that are looked for, as many others may be newer. */
const spareFiles = 20;
const maxListed = 200;

/**
 * Looks up what uploads have become. They are one's newest files, so that one page of the list has them all; one that
 * is not in it is asked for alone. One that can't be had is left out.
 */
export function createFindFiles<Source extends FileSource>(
  { files, platform }: Pick<Uploader<Source>, "files" | "platform">,
  signal: AbortSignalLike,
  onFound: (files: readonly File[]) => void,
): (fileId: string) => void {
  let wanted = new Set<string>();
  let isRunning = false;

  const find = async (ids: ReadonlySet<string>): Promise<void> => {
    const limit = Math.min(maxListed, ids.size + spareFiles);
    const { items } = await files.list({ limit, signal });
    const found = items.filter(({ id }) => ids.has(id));
    const others = new Set(ids);
    for (const { id } of found) others.delete(id);
    if (found.length > 0) onFound(found);
    for (const id of others) onFound([await files.get(id, { signal })]);
  };
  const run = async (): Promise<void> => {
    isRunning = true;
    try {
      while (wanted.size > 0) {
        await platform.clock.delay(gatheringMs, signal);
        const ids = wanted;
        wanted = new Set();
        await find(ids).catch(() => undefined);
      }
    } catch {
      // Closed meanwhile.
    }
    isRunning = false;
  };
  return (fileId) => {
    wanted.add(fileId);
    if (!isRunning) void run();
  };
}

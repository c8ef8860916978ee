import { type FileHandle, open } from "node:fs/promises";

/** Brings a file to the disk itself, off the event loop. */
export interface GroupSync {
  /** Resolves once all that was in the file when it was called is on the disk: one sync serves all who wait for it. */
  sync(): Promise<void>;
  close(): void;
}

export function createGroupSync(path: string): GroupSync {
  let file: Promise<FileHandle> | undefined;
  let running = Promise.resolve();
  let next: Promise<void> | undefined;
  let isRunning = false;

  const run = async (): Promise<void> => {
    file ??= open(path, "r+");
    await (await file).datasync();
  };
  const begin = (): Promise<void> => {
    next = undefined;
    isRunning = true;
    running = run().finally(() => {
      isRunning = false;
    });
    return running;
  };

  return {
    sync() {
      // One that has begun may have missed what has just been written.
      if (isRunning) next ??= running.then(begin, begin);
      return next ?? begin();
    },
    close() {
      const closing = Promise.allSettled([next ?? running]).then(async () => (await file)?.close());
      // What is open no more is closed.
      closing.catch(() => undefined);
    },
  };
}

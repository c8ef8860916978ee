import { close, closeSync, fdatasync, fstatSync, read, write, writev } from "node:fs";
import type { OpenFile } from "./file-operations.ts";

type Callback<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

/**
 * A file of this machine's disk that is open as `descriptor`. Calls go to `node:fs` with callbacks: the promises of
 * `node:fs/promises` cost an upload a tenth of its CPU. As there, a file is closed once all calls under way have
 * ended, since the number may be another file's from then on; later calls reject with `EBADF`.
 */
export function openDiskFile(descriptor: number): OpenFile {
  let underWay = 0;
  let closing: Promise<void> | undefined;
  let whenIdle: (() => void) | undefined;

  const call = <T>(start: (callback: Callback<T>) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      if (closing !== undefined) {
        reject(Object.assign(new Error("EBADF: the file was closed"), { code: "EBADF" }));
        return;
      }
      underWay += 1;
      start((error, value) => {
        underWay -= 1;
        if (underWay === 0) whenIdle?.();
        if (error) reject(error);
        else resolve(value);
      });
    });

  const closeNow = (): Promise<void> =>
    new Promise((resolve, reject) => {
      // Closing the last of a file that has no name any more frees it on the disk: that is a thread's work.
      if (fstatSync(descriptor).nlink > 0) resolve(closeSync(descriptor));
      else close(descriptor, (error) => (error ? reject(error) : resolve()));
    });

  const closeWhenIdle = async (): Promise<void> => {
    if (underWay > 0)
      await new Promise<void>((resolve) => {
        whenIdle = resolve;
      });
    await closeNow();
  };

  return {
    async readAt(into, position) {
      let filled = 0;
      while (filled < into.length) {
        const at = filled;
        const got = await call<number>((callback) =>
          read(descriptor, into, at, into.length - at, position + at, callback),
        );
        if (got === 0) break;
        filled += got;
      }
      return filled;
    },

    async writeAt(buffers, position) {
      const totalBytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
      let written = await call<number>((callback) => writev(descriptor, buffers, position, callback));
      if (written === totalBytes) return;
      // A nearly full disk takes a part; the next attempt takes more or says ENOSPC.
      const all = Buffer.concat(buffers);
      while (written < totalBytes) {
        const at = written;
        written += await call<number>((callback) =>
          write(descriptor, all, at, totalBytes - at, position + at, callback),
        );
      }
    },

    // What is known of an open file is in memory: not worth a thread.
    sizeBytes: async () => fstatSync(descriptor).size,
    syncData: () => call((callback) => fdatasync(descriptor, (error) => callback(error, undefined))),
    close() {
      closing ??= closeWhenIdle();
      return closing;
    },
  };
}

import { diskFileOperations, type FileOperations } from "../storage/file-operations.ts";
import { type CallName, fileError, watchFileOperations } from "./watched-file-operations.ts";

export interface Fault {
  readonly errno: string;
  /** The call that fails, counted from 1. */
  readonly at: number;
  /** Whether all that write fail from then on as well. */
  readonly stays: boolean;
}

export interface FailingDisk {
  readonly operations: FileOperations;
  /** From now on. `undefined`: all is well. */
  setFault(fault: Fault | undefined): void;
  /** The calls since then, and which of them failed first. */
  readonly met: readonly CallName[];
  failedCall(): CallName | undefined;
  /** Files that were opened and not closed. */
  openFiles(): number;
}

/** Those that a full disk or one that can't be written leaves alone. */
const reading: ReadonlySet<CallName> = new Set([
  "openFile",
  "exists",
  "modifiedAtMs",
  "changedAtMs",
  "isSameFile",
  "linkCount",
  "list",
  "file.readAt",
  "file.sizeBytes",
]);

/** The machine's disk, of which any call can be made to fail. A write that fails has written a part. */
export function createFailingDisk(): FailingDisk {
  let fault: Fault | undefined;
  let failed: CallName | undefined;
  let met: CallName[] = [];
  let openFiles = 0;

  const counted: FileOperations = {
    ...diskFileOperations,
    createFile: async (path) => countClose(await diskFileOperations.createFile(path)),
    openFile: async (path) => countClose(await diskFileOperations.openFile(path)),
  };
  const countClose = (file: Awaited<ReturnType<FileOperations["openFile"]>>) => {
    openFiles += 1;
    let isOpen = true;
    return {
      ...file,
      async writeAt(buffers: readonly Buffer[], position: number) {
        const error = takeFault("file.writeAt");
        if (!error) return file.writeAt(buffers, position);
        const whole = Buffer.concat(buffers);
        await file.writeAt([whole.subarray(0, whole.length / 2)], position);
        throw error;
      },
      async close() {
        const error = takeFault("file.close");
        if (isOpen) openFiles -= 1;
        isOpen = false;
        // As on Linux: it is closed in any case.
        await file.close();
        if (error) throw error;
      },
    };
  };

  const takeFault = (call: CallName): Error | undefined => {
    met.push(call);
    if (!fault) return undefined;
    const isHit = met.length === fault.at || (fault.stays && met.length > fault.at && !reading.has(call));
    if (!isHit || (call === "file.close" && met.length !== fault.at)) return undefined;
    failed ??= call;
    return fileError(fault.errno);
  };

  const { operations } = watchFileOperations((call) => {
    if (call === "file.writeAt" || call === "file.close") return;
    const error = takeFault(call);
    if (error) throw error;
  }, counted);

  return {
    operations,
    setFault(next) {
      fault = next;
      failed = undefined;
      met = [];
    },
    get met() {
      return met;
    },
    failedCall: () => failed,
    openFiles: () => openFiles,
  };
}

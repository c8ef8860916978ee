import type { File } from "@stowage/protocol";
import { AbortedError } from "../errors.ts";
import type { FileSource } from "../ports.ts";
import { pick } from "./queue-item.ts";
import { hasEnded, type UploadItem, type UploadItemState, type UploadProblem } from "./upload-item.ts";
import type { UploadQueue } from "./upload-queue.ts";

/** How an upload ended. */
export type UploadEnd =
  | { readonly state: "ready"; readonly fileId?: string; readonly file?: File }
  | { readonly state: "rejected" | "failed" | "cancelled"; readonly problem?: UploadProblem | undefined };

/** One upload of a queue: what it is changes, this object does not. */
export interface QueuedUpload<Source extends FileSource = FileSource> {
  readonly id: string;
  /** As it is now; as it was last, where it has left the queue. */
  readonly item: UploadItem<Source>;
  readonly state: UploadItemState;
  readonly progress: UploadProgress;
  /** Called with the item at each change, at most ten times a second. Returns how to stop. */
  on(event: "change", listener: (item: UploadItem<Source>) => void): () => void;
  /**
   * Resolves once it has ended; after a `retry` ask again. What could not be sent is an end, too.
   *
   * @throws AbortedError once the queue is closed in this program: what is kept is in the queue still, and goes on when it is opened again;
   *   or where it has left the list before this program could know how it ended
   */
  result(): Promise<UploadEnd>;
  /** Stops sending, until `resume`. What is `checking`, or has ended, is left as it is. */
  pause(): void;
  resume(): void;
  /** Ends it, on the server too; where all of its bytes have arrived, its file goes into the trash. */
  cancel(): void;
  /** Tries again what has ended and `canRetry`, and at once what waits for the network. */
  retry(): void;
  /**
   * Gives the file again to what `needs-file`, or failed because its file had changed.
   *
   * @throws FileChangedError where its size is another
   */
  attach(source: Source): void;
}

export interface UploadProgress {
  readonly sentBytes: number;
  readonly totalBytes: number;
  /** 0 to 1; 1 once all bytes are confirmed, at most 0.99 before. */
  readonly fraction: number;
}

export function createQueuedUpload<Source extends FileSource>(
  queue: UploadQueue<Source>,
  shown: (id: string) => UploadItem<Source> | undefined,
  first: UploadItem<Source>,
): QueuedUpload<Source> {
  const { id } = first;
  let last = first;
  const item = () => {
    last = shown(id) ?? last;
    return last;
  };
  const on: QueuedUpload<Source>["on"] = (_, listener) => {
    let told = item();
    return queue.subscribe(() => {
      if (item() === told) return;
      told = last;
      listener(told);
    });
  };
  return {
    id,
    get item() {
      return item();
    },
    get state() {
      return item().state;
    },
    get progress() {
      const { sentBytes, sizeBytes, fraction } = item();
      return { sentBytes, totalBytes: sizeBytes, fraction };
    },
    on,
    async result() {
      const end = await new Promise<UploadItem<Source>>((resolve) => {
        const look = () => {
          if (shown(id) && !hasEnded(item())) return;
          stop();
          resolve(item());
        };
        const stop = queue.subscribe(look);
        look();
      });
      if (!hasEnded(end)) throw new AbortedError();
      return pick(end, ["state", "fileId", "file", "problem"]) as UploadEnd;
    },
    pause: () => queue.pause(id),
    resume: () => queue.resume(id),
    cancel: () => queue.cancel(id),
    retry: () => queue.retry(id),
    attach: (source) => queue.attach(id, source),
  };
}

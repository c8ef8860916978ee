import type { AddOptions, FileSource, UploadItem, UploadQueue, UploadQueueSnapshot } from "@stowage/client";
import { useSyncExternalStore } from "react";
import { useStowage } from "../stowage-provider.ts";

export interface UseUploadsResult extends UploadQueueSnapshot {
  add(sources: Iterable<FileSource>, options?: AddOptions): readonly string[];
  readonly cancel: UploadQueue["cancel"];
  readonly cancelAll: UploadQueue["cancelAll"];
  readonly retry: UploadQueue["retry"];
  readonly retryAll: UploadQueue["retryAll"];
  readonly dismiss: UploadQueue["dismiss"];
  readonly clearEnded: UploadQueue["clearEnded"];
}

/** The uploads of this page, and what can be done with them. Functions and unchanged items stay the same objects. */
export function useUploads(): UseUploadsResult {
  const { queue } = useStowage();
  const snapshot = useSyncExternalStore(queue.subscribe, queue.getSnapshot, queue.getSnapshot);
  const { add, cancel, cancelAll, retry, retryAll, dismiss, clearEnded } = queue;
  return { ...snapshot, add, cancel, cancelAll, retry, retryAll, dismiss, clearEnded };
}

/** One item; `undefined` once it is off the list. Renders anew only where this one changes. */
export function useUpload(id: string): UploadItem | undefined {
  const { queue } = useStowage();
  const get = () => queue.getSnapshot().items.find((item) => item.id === id);
  return useSyncExternalStore(queue.subscribe, get, get);
}

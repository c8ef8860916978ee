import {
  type FileSource,
  totalsOf,
  type UploadItem,
  type UploadQueue,
  type UploadQueueSnapshot,
} from "@stowage/client";
import { useSyncExternalStore } from "react";
import { useStowage } from "../stowage-provider.ts";

export type UseUploadsResult = UploadQueueSnapshot &
  Pick<
    UploadQueue<FileSource>,
    | "add"
    | "pause"
    | "resume"
    | "cancel"
    | "retry"
    | "attach"
    | "pauseAll"
    | "resumeAll"
    | "cancelAll"
    | "retryAll"
    | "dismiss"
    | "clearEnded"
  >;

/** What a server has rendered, and is gone on from: what this device has kept comes after that. */
const none: UploadQueueSnapshot = { items: [], totals: totalsOf([]) };

/** The uploads of this person on this device, and what can be done with them. Functions and unchanged items stay the same objects. */
export function useUploads(): UseUploadsResult {
  const { queue } = useStowage();
  return { ...queue, ...useSyncExternalStore(queue.subscribe, queue.getSnapshot, () => none) };
}

/** One item; `undefined` once it is off the list. Renders anew only where this one changes. */
export function useUpload(id: string): UploadItem | undefined {
  const { queue } = useStowage();
  const get = () => queue.get(id)?.item;
  return useSyncExternalStore(queue.subscribe, get, () => undefined);
}

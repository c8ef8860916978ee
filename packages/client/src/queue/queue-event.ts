import type { File, Upload } from "@stowage/protocol";
import type { FileSource } from "../ports.ts";
import type { Progress } from "../progress.ts";
import type { QueueItem } from "./queue-item.ts";
import type { QueueRow } from "./queue-store.ts";
import type { AddOptions } from "./upload-queue.ts";

/** What happens to a queue. What comes from an item's run is for that run only: late words change nothing. */
export type QueueEvent<Source extends FileSource> =
  /** What the store has, and this program leads from now on. */
  | { readonly type: "led"; readonly rows: readonly QueueRow[] }
  /** What the store has: another program has added to it. */
  | { readonly type: "loaded"; readonly rows: readonly QueueRow[] }
  /** Another program leads. */
  | { readonly type: "lost" }
  /** How the program that leads shows its items. */
  | { readonly type: "mirrored"; readonly items: readonly QueueItem<Source>[] }
  | { readonly type: "added"; readonly items: readonly NewItem<Source>[]; readonly options: AddOptions }
  /** The store has their bytes; with a store that lasts as long as the program they are still not kept. */
  | { readonly type: "kept"; readonly ids: readonly string[]; readonly isKept: boolean }
  /** Their bytes could not be kept; `isFinal`: then they are not sent either. */
  | {
      readonly type: "not-kept";
      readonly ids: readonly string[];
      readonly error: unknown;
      readonly isFinal: boolean;
    }
  | { readonly type: "progress"; readonly id: string; readonly run: number; readonly progress: Progress }
  | { readonly type: "hashed"; readonly id: string; readonly run: number; readonly sha256: string }
  | { readonly type: "ended"; readonly id: string; readonly run: number; readonly upload: Upload }
  | { readonly type: "broken"; readonly id: string; readonly run: number; readonly error: unknown }
  | { readonly type: "without-file"; readonly id: string; readonly run: number }
  /** What waits for the network, or for a sign-in, may try; `isBack`: so may what pauses between tries. */
  | { readonly type: "woken"; readonly isBack: boolean }
  | { readonly type: "signed-in" }
  /** All of it is to be forgotten, here and in the store. */
  | { readonly type: "erased" }
  /** The server knows that it was cancelled. */
  | { readonly type: "told"; readonly id: string }
  | { readonly type: "found"; readonly files: readonly File[] }
  | { readonly type: "attached"; readonly id: string; readonly source: Source }
  /** `isAll`: of all there are, but what somebody has given up, which they ask for one by one. */
  | { readonly type: "retried"; readonly id: string; readonly newRef: string; readonly isAll: boolean }
  | { readonly type: "paused" | "resumed" | "cancelled"; readonly ids: readonly string[] }
  | { readonly type: "dismissed"; readonly ids: readonly string[] };

export interface NewItem<Source extends FileSource> {
  readonly id: string;
  readonly order: number;
  readonly source: Source;
}

/** What is to be done, in this order; what comes of it are other events. */
export type QueueCommand =
  | { readonly type: "write"; readonly rows: readonly QueueRow[] }
  | { readonly type: "erase" | "release"; readonly ids: readonly string[] }
  /** One after another; they were added together. */
  | { readonly type: "keep"; readonly ids: readonly string[] }
  | { readonly type: "start" | "stop"; readonly id: string; readonly run: number }
  | { readonly type: "end"; readonly id: string; readonly uploadId: string }
  | { readonly type: "find"; readonly fileId: string };

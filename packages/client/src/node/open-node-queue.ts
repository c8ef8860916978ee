import { join } from "node:path";
import type { QueueChannel } from "../queue/queue-channel.ts";
import type { QueueLock } from "../queue/queue-lock.ts";
import type { QueueStore } from "../queue/queue-store.ts";
import { createFileChannel } from "./file-channel.ts";
import { createFileLock } from "./file-lock.ts";
import { openFileQueueStore } from "./file-queue-store.ts";
import type { NodeSource } from "./node-source.ts";
import { ownerFolder } from "./owner-folder.ts";

export interface NodeQueueOptions {
  /** Of a local disk: on one of the network neither what is written nor the lock can be relied on. */
  readonly directory: string;
  /** Whose queue it is: a person at a server, any string. */
  readonly owner: string;
}

export interface NodeQueue {
  readonly store: QueueStore<NodeSource>;
  readonly lock: QueueLock;
  readonly channel: QueueChannel;
}

/**
 * The queue of one owner in a folder, for `createUploadQueue`, the lock that lets one process at a time send it, and what processes
 * that have it open tell each other: what another adds is sent by the one that leads, and shown in both.
 *
 * @throws StorageFullError, Error where the folder can't be used
 */
export async function openNodeQueue({ directory, owner }: NodeQueueOptions): Promise<NodeQueue> {
  const store = await openFileQueueStore(directory, owner);
  const folder = ownerFolder(directory, owner);
  try {
    const channel = createFileChannel(join(folder, "channel.sqlite"));
    return {
      // Whose folder it is the system sees to: what was left before the server could be asked goes with the first token.
      store: { ...store, claim: (person) => store.claim(person) },
      lock: createFileLock(join(folder, "lead.sqlite")),
      channel,
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

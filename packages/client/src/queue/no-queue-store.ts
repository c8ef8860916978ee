import type { QueueStore } from "./queue-store.ts";

const done = async () => undefined;

/** Where nothing outlives the program, or nothing is to: all that the queue has is in the queue. */
export const noQueueStore: QueueStore<never> = {
  isDurable: false,
  claim: async (person) => person,
  load: async () => [],
  write: done,
  erase: done,
  keep: done,
  release: done,
  source: done,
  close: done,
};

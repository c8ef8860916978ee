import type { FileSource, UploadQueue } from "@stowage/client";

/** What this program has of a client, from its first use on. */
export interface ClientUsage {
  /** Of this client, and of none in another program. */
  readonly id: string;
  /** Providers of it that are on the page. */
  mounts: number;
  /** Made for a client that has none. */
  queue?: UploadQueue<FileSource>;
}

const usages = new WeakMap<object, ClientUsage>();

/** The same until `endUsage`, however often strict mode renders, or what was suspended is rendered anew. */
export function usageOf(client: object): ClientUsage {
  const usage = usages.get(client) ?? { id: `${Date.now()} ${Math.random()}`, mounts: 0 };
  usages.set(client, usage);
  return usage;
}

export function endUsage(client: object, { id, queue }: ClientUsage): void {
  usages.set(client, { id, mounts: 0 });
  queue?.close();
}

import { AbortedError } from "../errors.ts";
import type { FileSource } from "../ports.ts";
import type { QueueRow, QueueStore } from "./queue-store.ts";

/** A queue that ends with the program: where nothing outlives it, or nothing is to. Files are not copied. */
export function createMemoryQueueStore<Source extends FileSource>(): QueueStore<Source> {
  const rows = new Map<string, QueueRow>();
  const sources = new Map<string, Source>();
  let owner: string | undefined;
  return {
    isDurable: false,
    async claim(person, beforeMs = 0) {
      const keeps = [...rows.values()].some(({ order }) => owner !== undefined || order < beforeMs);
      if (!keeps) owner = person;
      return owner;
    },
    async load() {
      for (const id of sources.keys()) if (!rows.has(id)) sources.delete(id);
      return [...rows.values()].sort((one, other) => one.order - other.order);
    },
    async write(written) {
      for (const row of written) rows.set(row.id, row);
    },
    async erase(ids) {
      for (const id of ids) {
        rows.delete(id);
        sources.delete(id);
      }
    },
    async keep(id, source, signal) {
      if (signal.aborted) throw new AbortedError();
      sources.set(id, source);
    },
    async release(ids) {
      for (const id of ids) sources.delete(id);
    },
    async source({ id, sizeBytes }) {
      const source = sources.get(id);
      return source?.sizeBytes === sizeBytes ? source : undefined;
    },
    close() {
      rows.clear();
      sources.clear();
    },
  };
}

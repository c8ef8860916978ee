import { Counter, type Registry } from "prom-client";

/** @returns to be told of each try to write that found the database locked by another process */
export function countLockWaits(registry: Registry): () => void {
  const retries = new Counter({
    name: "stowage_database_lock_retries_total",
    help: "Tries to write that found the database locked by another process, and were made again milliseconds later.",
    registers: [registry],
  });
  return () => retries.inc();
}

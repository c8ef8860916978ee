import {
  type IdempotencyCommands,
  type IdempotencyKey,
  idempotencyKeyLifetimeMs,
  type RepeatOutcome,
} from "../ports/idempotency-commands.ts";
import { type MemoryTables, pairKey } from "./memory-metadata-store-tables.ts";

export interface IdempotencyRow extends Omit<IdempotencyKey, "key"> {
  readonly resourceId: string;
  readonly createdAtMs: number;
}

export function findRepeat(
  { clock, idempotencyKeys }: MemoryTables,
  principalId: string,
  { key, requestDigest }: IdempotencyKey,
): RepeatOutcome | undefined {
  const row = idempotencyKeys.get(pairKey(principalId, key));
  if (!row || row.createdAtMs <= clock.nowMs() - idempotencyKeyLifetimeMs) return undefined;
  return row.requestDigest === requestDigest
    ? { outcome: "repeat", resourceId: row.resourceId }
    : { outcome: "key-reused" };
}

export function rememberKey(
  { clock, idempotencyKeys }: MemoryTables,
  principalId: string,
  { key, requestDigest }: IdempotencyKey,
  resourceId: string,
): void {
  const row = { requestDigest, resourceId, createdAtMs: clock.nowMs() };
  idempotencyKeys.set(pairKey(principalId, key), row);
}

export function forgetKeysOf({ idempotencyKeys }: MemoryTables, principalId: string): void {
  const before = pairKey(principalId, "").slice(0, -'"]'.length);
  for (const key of idempotencyKeys.keys()) if (key.startsWith(before)) idempotencyKeys.delete(key);
}

export const memoryIdempotencyCommands = (tables: MemoryTables): IdempotencyCommands => ({
  async findRepeat({ principalId, ...request }) {
    return findRepeat(tables, principalId, request);
  },

  async forgetIdempotencyKeys(limit) {
    const { clock, idempotencyKeys } = tables;
    const beforeMs = clock.nowMs() - idempotencyKeyLifetimeMs;
    const old = [...idempotencyKeys].filter(([, { createdAtMs }]) => createdAtMs <= beforeMs).slice(0, limit);
    for (const [key] of old) idempotencyKeys.delete(key);
    return old.length;
  },
});

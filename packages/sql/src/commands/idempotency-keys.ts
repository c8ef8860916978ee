import { type IdempotencyKey, idempotencyKeyLifetimeMs, type RepeatOutcome } from "@stowage/core";
import type { CommandContext } from "./context.ts";

/** What a principal's key made before, within the transaction of the command that may make it now. */
export function findRepeat(
  { connection, clock }: CommandContext,
  principalId: string,
  { key, requestDigest }: IdempotencyKey,
): RepeatOutcome | undefined {
  const row = connection.get<{ request_digest: string; resource_id: string }>(
    "SELECT request_digest, resource_id FROM idempotency_keys WHERE principal_id = ? AND key = ? AND created_at > ?",
    principalId,
    key,
    clock.nowMs() - idempotencyKeyLifetimeMs,
  );
  if (!row) return undefined;
  return row.request_digest === requestDigest
    ? { outcome: "repeat", resourceId: row.resource_id }
    : { outcome: "key-reused" };
}

/** In the transaction that made the resource. */
export function rememberKey(
  { connection, clock }: CommandContext,
  principalId: string,
  { key, requestDigest }: IdempotencyKey,
  resourceId: string,
): void {
  connection.run(
    `INSERT OR REPLACE INTO idempotency_keys (principal_id, key, request_digest, resource_id, created_at)
     VALUES (?, ?, ?, ?, ?)`,
    principalId,
    key,
    requestDigest,
    resourceId,
    clock.nowMs(),
  );
}

export function forgetKeysOf({ connection }: CommandContext, principalId: string): void {
  connection.run("DELETE FROM idempotency_keys WHERE principal_id = ?", principalId);
}

export const forgetIdempotencyKeys = ({ connection, clock }: CommandContext, limit: number): number =>
  connection.run(
    `DELETE FROM idempotency_keys WHERE (principal_id, key) IN
     (SELECT principal_id, key FROM idempotency_keys WHERE created_at <= ? ORDER BY created_at LIMIT ?)`,
    clock.nowMs() - idempotencyKeyLifetimeMs,
    limit,
  );

import type { OpenUploads } from "@stowage/core";
import type { CommandContext } from "./commands/context.ts";

/** Each goes along a partial index that holds nothing else, over no more rows than the limit. */
const countPending = `SELECT count(*) AS count FROM
  (SELECT 1 FROM uploads INDEXED BY uploads_expiring WHERE state = 'pending' AND expires_at > 0 LIMIT ?)`;

/** What is uploaded has waited since a time that is past; what is being verified is held for a while yet. */
const countQueued = (state: "uploaded" | "verifying", from: "ASC" | "DESC"): string =>
  `SELECT count(*) AS count FROM
   (SELECT state FROM uploads INDEXED BY uploads_queue
    WHERE state IN ('uploaded', 'verifying') AND lease_until >= 0 ORDER BY lease_until ${from} LIMIT ?)
   WHERE state = '${state}'`;

const countWaiting = `SELECT count(*) AS waiting, min(lease_until) AS since FROM
  (SELECT lease_until FROM uploads INDEXED BY uploads_queue
   WHERE state IN ('uploaded', 'verifying') AND lease_until <= ? ORDER BY lease_until LIMIT ?)`;

export function countOpenUploads({ connection, clock }: CommandContext, limit: number): OpenUploads {
  const count = (sql: string): number => connection.get<{ count: number }>(sql, limit)?.count ?? 0;
  const { waiting = 0, since } =
    connection.get<{ waiting: number; since: number | null }>(countWaiting, clock.nowMs(), limit) ?? {};
  return {
    pending: count(countPending),
    uploaded: count(countQueued("uploaded", "ASC")),
    verifying: count(countQueued("verifying", "DESC")),
    waiting,
    ...(typeof since === "number" ? { waitingSinceMs: since } : {}),
  };
}

import type { KeptRow } from "./kept-row.ts";

export type Eviction<Row> =
  | { readonly outcome: "fits"; readonly evicted: readonly Row[] }
  /** It is larger than all that may be kept. */
  | { readonly outcome: "too-large" }
  /** What is kept was read as lately, or is kept by the same call: it stays. */
  | { readonly outcome: "no-room" };

type Weighed = Pick<KeptRow, "sizeBytes" | "readAtMs">;

/**
 * Makes room within a byte budget: what was read longest ago goes first, and nothing that was read as lately as what comes. Where
 * that is not enough, nothing goes.
 */
export function decideEviction<Row extends Weighed>(
  kept: readonly Row[],
  incoming: Weighed,
  budgetBytes: number,
): Eviction<Row> {
  if (incoming.sizeBytes > budgetBytes) return { outcome: "too-large" };
  let totalBytes = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, incoming.sizeBytes);
  const evicted: Row[] = [];
  for (const row of kept.toSorted((one, other) => one.readAtMs - other.readAtMs)) {
    if (totalBytes <= budgetBytes) break;
    if (row.readAtMs >= incoming.readAtMs) return { outcome: "no-room" };
    evicted.push(row);
    totalBytes -= row.sizeBytes;
  }
  return { outcome: "fits", evicted };
}

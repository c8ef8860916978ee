import type { Comparison } from "../measures/measure.ts";

export interface ComparisonSummary extends Comparison {
  /** Whether the product's client brought each file exactly once, for no more bytes than the bar. */
  readonly holds: boolean;
}

export function summariseComparison(comparison: Comparison): ComparisonSummary {
  const { finishes, files, neededBytes, mostRatio } = comparison;
  const [ours] = finishes;
  const holds =
    ours !== undefined &&
    ours.arrived === files &&
    ours.doubled === 0 &&
    ours.sentBytes <= mostRatio * neededBytes;
  return { ...comparison, holds };
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** Markdown. */
export function comparisonTable({
  name,
  files,
  neededBytes,
  finishes,
  mostRatio,
  holds,
}: ComparisonSummary): string {
  const bar = `all ${files}, none twice, ≤ ${mostRatio} × ${megabytes(neededBytes)} MB: ${holds ? "holds" : "does **not** hold"}`;
  return [
    `${name}. Bar of the first: ${bar}.`,
    "",
    "| client | arrived | twice | said to have arrived | MB sent | × needed | seconds | requests | faults met |",
    "|---|---|---|---|---|---|---|---|---|",
    ...finishes.map(
      ({ client, arrived, doubled, said, sentBytes, seconds, isHung, requests, faults }) =>
        `| ${client} | ${arrived} of ${files} | ${doubled} | ${said} | ${megabytes(sentBytes)} | ${(sentBytes / neededBytes).toFixed(3)} | ${seconds.toFixed(1)}${isHung ? ", then it hangs" : ""} | ${requests} | ${Object.values(faults).reduce((sum, count) => sum + count, 0)} |`,
    ),
    "",
  ].join("\n");
}

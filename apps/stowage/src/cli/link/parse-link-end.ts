import { UsageError } from "../command.ts";

const unitsMs: ReadonlyMap<string, number> = new Map([
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/**
 * When a link, an invite or a seal is to end: `30m`, `12h`, `7d` from now, or a time of RFC 3339.
 *
 * @throws UsageError
 */
export function parseLinkEnd(text: string, nowMs: number, option = "expires"): string {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const unitMs = unitsMs.get(unit);
  if (count !== undefined && unitMs !== undefined)
    return new Date(nowMs + Number(count) * unitMs).toISOString();
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const atMs = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs))
    throw new UsageError(`--${option} is 30m, 12h or 7d from now, or a time such as 2026-12-24T18:00:00Z.`);
  return new Date(atMs).toISOString();
}

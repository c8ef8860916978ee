const units = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes for people, in powers of 1000 as file managers say them: `999 B`, `1.5 kB`, `20.0 MB`; `-` of what has no size. */
export function formatSize(sizeBytes: number | undefined): string {
  if (sizeBytes === undefined) return "-";
  let amount = sizeBytes;
  let unit = 0;
  while (unit < units.length - 1 && (unit === 0 ? amount >= 1000 : amount >= 999.95)) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}

const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** Sizes as people read them: decimal units, three digits at most, in the page's language. Of what has none: a dash. */
export function formatSize(sizeBytes: number | undefined, locale = "en"): string {
  if (sizeBytes === undefined) return "–";
  const step = sizeBytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(sizeBytes) / 3));
  const scaled = sizeBytes / 1000 ** step;
  // 999,950 bytes are a megabyte, not 1000 kilobytes.
  const [value, unit] =
    step > 0 && step < units.length - 1 && scaled >= 999.5 ? [scaled / 1000, step + 1] : [scaled, step];
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: units[unit] ?? "byte",
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: unit === 0 || value >= 100 ? 0 : 1,
  }).format(value);
}

import type { Counters } from "@stowage/core";

/** Of a person, or of an organisation. */
export interface CounterColumns {
  used_bytes: number;
  reserved_bytes: number;
  used_files: number;
  open_uploads: number;
}

/** What rows add up to, beside the counters that stand. */
export type CountedColumns = { [Name in keyof CounterColumns as `counted_${Name}`]: number };

export const recordedOf = (row: CounterColumns): Counters => ({
  usedBytes: row.used_bytes,
  reservedBytes: row.reserved_bytes,
  usedFiles: row.used_files,
  openUploads: row.open_uploads,
});

export const countedOf = (row: CountedColumns): Counters => ({
  usedBytes: row.counted_used_bytes,
  reservedBytes: row.counted_reserved_bytes,
  usedFiles: row.counted_used_files,
  openUploads: row.counted_open_uploads,
});

export const agree = (one: Counters, other: Counters): boolean =>
  one.usedBytes === other.usedBytes &&
  one.reservedBytes === other.reservedBytes &&
  one.usedFiles === other.usedFiles &&
  one.openUploads === other.openUploads;

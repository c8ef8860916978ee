/** What one check of doctor found. */
export interface Diagnosis {
  /** Stable, in words that need no explanation: `data-directory`, `bucket-copy-source`. */
  readonly check: string;
  /** `skipped`: it could not be looked at, and the detail says why. */
  readonly status: "ok" | "warning" | "failed" | "skipped";
  /** Sentences. */
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}

export const ok = (check: string, detail: string): Diagnosis => ({ check, status: "ok", detail });

export const skipped = (check: string, detail: string): Diagnosis => ({ check, status: "skipped", detail });

export const warning = (check: string, detail: string, fix: string): Diagnosis => ({
  check,
  status: "warning",
  detail,
  fix,
});

export const failed = (check: string, detail: string, fix: string): Diagnosis => ({
  check,
  status: "failed",
  detail,
  fix,
});

/** An error's sentence, for a detail. */
export const sentenceOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(message) ? message : `${message}.`;
};

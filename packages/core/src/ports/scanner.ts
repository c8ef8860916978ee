export interface ScanOptions {
  /** Of the whole body, as it was declared. */
  readonly sizeBytes: number;
  /** Aborted where the answer is of no use any more: the scan ends soon after, whatever it was doing. */
  readonly signal?: AbortSignal;
}

export type ScanVerdict =
  | { readonly verdict: "clean"; readonly scanner: string }
  /** `name`: what the scanner calls what it found, 1 to 256 printable ASCII characters. */
  | { readonly verdict: "infected"; readonly scanner: string; readonly name: string };

/** Looks for malware. */
export interface Scanner {
  /** Largest body that it takes. */
  readonly maxSizeBytes: number;
  /**
   * Reads a body once, at its own pace, and says what it found in all of it; `scanner` is what people are told of that,
   * such as "ClamAV 1.0.7, signatures of 2026-11-25". "infected" may be said before the body's end; "clean" never is.
   * Ends within the scanner's own limits of time, however its other side behaves; a body may come as slowly as it likes.
   *
   * @throws ScannerUnavailableError nothing is known of the body: it must not be taken for clean
   */
  scan(body: AsyncIterable<Uint8Array>, options: ScanOptions): Promise<ScanVerdict>;
}

/**
 * - `unreachable`: there is nobody, or the connection broke
 * - `timeout`: it takes or says nothing any more
 * - `too-large`: it takes no body of this size
 * - `failed`: it said that it can't, or something that is no answer
 * - `aborted`: the signal was, or the body broke off
 */
export const scannerFailures = ["unreachable", "timeout", "too-large", "failed", "aborted"] as const;

export type ScannerFailure = (typeof scannerFailures)[number];

/** Nothing is known of the body: try again later. */
export class ScannerUnavailableError extends Error {
  readonly code = "scanner-unavailable";
  override readonly name = "ScannerUnavailableError";
  readonly failure: ScannerFailure;

  constructor(failure: ScannerFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

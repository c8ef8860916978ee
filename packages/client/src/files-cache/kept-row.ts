/** What of one file is kept on this device: never told apart by an address, which is another one every few minutes. */
export interface KeptKey {
  readonly fileId: string;
  /** `original`, `thumbnail`, `preview` … */
  readonly derivative: string;
  readonly version: number;
}

/** Plain data, stored beside the bytes. Times are of the device's passing time, see {@link PassedTime}. */
export interface KeptRow extends KeptKey {
  readonly contentType: string;
  readonly sizeBytes: number;
  /** Lower-case hex; of originals. */
  readonly sha256?: string;
  readonly keptAtMs: number;
  readonly readAtMs: number;
  /** When the server last said that it may be read. */
  readonly checkedAtMs: number;
  /** How long it may be read from then on without asking. */
  readonly ttlMs: number;
}

export interface KeptBytes {
  readonly row: KeptRow;
  readonly bytes: Uint8Array;
}

/** The same for the same key. */
export const keyText = ({ fileId, derivative, version }: KeptKey): string =>
  JSON.stringify([fileId, derivative, version]);

/**
 * - `source-failed`: the body threw; `cause` is what it threw
 * - `temporary-file-failed`: the copy on disk could not be written or read (disk full, directory gone)
 * - `process-unavailable`: no decoding process could be started
 * - `aborted`: the request's signal fired; `cause` is its reason
 * - `closed`: the inspector was closed
 */
export type InspectionFailureCode =
  | "source-failed"
  | "temporary-file-failed"
  | "process-unavailable"
  | "aborted"
  | "closed";

/** No verdict about the file: an outage, not the file's fault. Worth trying again later. */
export class InspectionFailedError extends Error {
  readonly code: InspectionFailureCode;

  constructor(code: InspectionFailureCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "InspectionFailedError";
    this.code = code;
  }
}

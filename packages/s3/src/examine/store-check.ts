import type { Examination, ExaminedAnswer } from "./examination.ts";

/** What is looked at. */
export type StoreCheckName =
  /** A presigned PUT that is in order is taken. */
  | "presigned-put"
  /** A body with another SHA-256 than the signed one is refused. */
  | "checksum"
  /** A second PUT under `If-None-Match: *` is refused. */
  | "if-none-match"
  /** Longer and shorter bodies than the signed length, and one of no stated length, are refused. */
  | "content-length"
  /** An `x-amz-*` header that was not signed is refused. */
  | "signed-headers"
  /** An `x-amz-copy-source` that was not signed copies nothing. */
  | "copy-source"
  /** A URL that ended a minute ago is refused. */
  | "expiry"
  /** The store's clock is within five seconds of ours. */
  | "clock"
  /** Without a signature no object can be read. */
  | "anonymous-read"
  /** Without a signature the bucket can't be listed. */
  | "anonymous-list"
  /** We may list, read and delete. */
  | "permissions"
  /** Answers carry nosniff and a sandboxing policy. */
  | "security-headers"
  /** Pages of our origins may send files and read their ETag. */
  | "cors"
  /** Pages of other origins may not. */
  | "cors-others"
  /** We may make, list, complete and abort multipart uploads. */
  | "multipart"
  /** A part with another SHA-256 than the signed one is refused. */
  | "part-checksum"
  /** `If-None-Match: *` is honoured when a multipart upload is completed. */
  | "complete-if-none-match";

export interface CheckResult {
  /** `unknown`: it could not be found out. */
  readonly outcome: "yes" | "no" | "unknown";
  /** A sentence of what was seen, where the check's name does not say it all. */
  readonly detail?: string;
}

export interface StoreCheck {
  readonly name: StoreCheckName;
  run(examination: Examination): Promise<CheckResult>;
}

export const enforced: CheckResult = { outcome: "yes" };

const said = ({ status, code }: ExaminedAnswer): string => (code ? `${status} ${code}` : String(status));

/** A refusal of something that is in order. */
export const unlessRefused = (answer: ExaminedAnswer, what = "It"): CheckResult =>
  answer.isOk ? enforced : { outcome: "no", detail: `${what} answered ${said(answer)}.` };

/** Of what ought to be refused: a failure of the store's is no refusal. */
export function mustBeRefused(answer: ExaminedAnswer, detail?: string): CheckResult {
  if (answer.isOk) return detail === undefined ? { outcome: "no" } : { outcome: "no", detail };
  return answer.status >= 500 || answer.status === 429
    ? { outcome: "unknown", detail: `The store failed: ${said(answer)}.` }
    : enforced;
}

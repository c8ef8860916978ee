import type { ProblemCode } from "@stowage/protocol";

/** Why the domain won't do what was asked: a stable code, a sentence, and the member at fault where there is one. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly detail: string;
  /** Name of the member of the item or request that it is about. */
  readonly member?: string;
  /** With `parts-missing`: the numbers of the parts to send, ascending. */
  readonly missingParts?: readonly number[];
  /** With `rate-limited` and `unavailable`: seconds until it may be asked again, where that is known. */
  readonly retryAfterSeconds?: number;
}

/** Thrown by use cases that have one answer for the whole request. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly code: ProblemCode;
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.detail);
    this.code = refusal.code;
    this.refusal = refusal;
  }
}

/** The one answer for what does not exist and for what may not be seen: nothing may tell them apart. */
export const notFound: Refusal = {
  code: "not-found",
  detail: "There is nothing here, or nothing that you may see.",
};

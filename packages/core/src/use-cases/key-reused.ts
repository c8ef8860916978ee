import type { Refusal } from "../refusal.ts";

/** An `Idempotency-Key` that is known, with another request than it came with. */
export const keyReused: Refusal = {
  code: "idempotency-key-reused",
  detail: "This Idempotency-Key came with another request within the last day: choose a new one.",
};

/**
 * What can befall a request. `afterBytes` counts the bytes of its body (of the answer's, where it has none) that still
 * pass; default: half of those that were declared.
 */
export type Fault =
  /** The connection ends before anything was forwarded. */
  | { readonly kind: "drop" }
  /** The connection is reset (RST) in the middle of the request's body: never all of it is forwarded. */
  | { readonly kind: "reset"; readonly afterBytes?: number }
  /** The target has done it, and the answer never comes: the connection is reset instead. */
  | { readonly kind: "commit-then-reset" }
  /** Nothing moves any more, and the connection stays open. */
  | { readonly kind: "stall"; readonly afterBytes?: number }
  /** Both ways. Default 256 KiB a second. */
  | { readonly kind: "slow"; readonly bytesPerSecond?: number }
  /** S3's `SlowDown` or a problem, instead of being forwarded. */
  | { readonly kind: "503" }
  /** With `Retry-After`, default 1. */
  | { readonly kind: "429"; readonly retryAfterSeconds?: number }
  /** Somebody else answers: 200 with HTML, and nothing of CORS, as a captive portal does. */
  | { readonly kind: "portal" }
  /** Half of the answer comes (of its head, where it has no body), and then the connection is reset. */
  | { readonly kind: "truncated" }
  /** Not forwarded: a store says that the presigned request has expired, an API that the token has. */
  | { readonly kind: "expired" }
  /** The answer's `Date` is off. Default a day ahead; negative is behind. */
  | { readonly kind: "clock-skew"; readonly shiftSeconds?: number };

export type FaultKind = Fault["kind"];

export const faultKinds = [
  "drop",
  "reset",
  "commit-then-reset",
  "stall",
  "slow",
  "503",
  "429",
  "portal",
  "truncated",
  "expired",
  "clock-skew",
] as const satisfies readonly FaultKind[];

import type { ProblemCode } from "@stowage/protocol";

/** An answer that has gone out. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's template, `/v1/uploads/:id`; `unknown` for an address without one. Never a path. */
  readonly route: string;
  readonly statusCode: number;
  readonly durationMs: number;
}

/** Who counts what the API does. Called on every request: it must be quick, and not throw. */
export interface ApiObserver {
  answered(request: AnsweredRequest): void;
  /** Once for each file that was announced: what came of it. */
  announced(outcome: "accepted" | ProblemCode): void;
}

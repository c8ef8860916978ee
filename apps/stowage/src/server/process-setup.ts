import type { Secrets } from "./secrets.ts";
import type { Configuration } from "./settings.ts";

/** What the supervisor tells each process at its start, over IPC: nothing secret is in arguments or environment. */
export interface ProcessSetup {
  readonly configuration: Configuration;
  readonly secrets: Secrets;
  readonly dataDir: string;
  readonly apiPort: number;
  readonly bucketPort: number;
  /** Origins as people reach them. */
  readonly publicUrl: string;
  readonly bucketUrl: string;
  /** Origins as our own processes reach them. */
  readonly internalApiUrl: string;
  readonly internalBucketUrl: string;
  readonly version: string;
}

export const bucketName = "stowage";
export const bucketRegion = "us-east-1";

/** All that a process has counted, as prom-client's `Registry.getMetricsAsJSON` says it. */
export type CountedMetrics = readonly object[];

/** What came of asking one process. */
export interface ProcessMetrics {
  readonly process: string;
  /** How often it was started again, after it had ended by itself. */
  readonly restarts: number;
  /** Absent where it is not there, or did not answer in time. */
  readonly metrics?: CountedMetrics;
}

/** From the supervisor. */
export type ToProcess =
  | { readonly type: "start"; readonly setup: ProcessSetup }
  | { readonly type: "stop" }
  | { readonly type: "wake" }
  /** Asks for what it has counted. */
  | { readonly type: "count"; readonly id: number }
  /** Answers what the process asked of the others. */
  | { readonly type: "collected"; readonly id: number; readonly processes: readonly ProcessMetrics[] };

/** To the supervisor. */
export type FromProcess =
  | { readonly type: "listening" }
  /** The start can't succeed; the sentence is for the person. */
  | { readonly type: "failed"; readonly detail: string }
  /** An upload waits for the worker. */
  | { readonly type: "wake" }
  | { readonly type: "counted"; readonly id: number; readonly metrics: CountedMetrics }
  /** Asks for what all processes but this have counted. */
  | { readonly type: "collect"; readonly id: number };

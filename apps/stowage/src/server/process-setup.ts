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

/** From the supervisor. */
export type ToProcess =
  | { readonly type: "start"; readonly setup: ProcessSetup }
  | { readonly type: "stop" }
  | { readonly type: "wake" };

/** To the supervisor. */
export type FromProcess =
  | { readonly type: "listening" }
  /** The start can't succeed; the sentence is for the person. */
  | { readonly type: "failed"; readonly detail: string }
  /** An upload waits for the worker. */
  | { readonly type: "wake" };

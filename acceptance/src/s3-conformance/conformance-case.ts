import type { S3Session } from "./s3-session.ts";

/** One expectation, written from AWS's documentation. */
export interface ConformanceCase {
  /** A sentence about behaviour; it is what differences are declared by. */
  readonly name: string;
  /** Where AWS documents it (an API's name or a page), or the ceph/s3-tests case that asks the same. */
  readonly source: string;
  /** Throws where the store behaves otherwise. */
  run(s3: S3Session): Promise<void>;
}

export interface ConformanceGroup {
  readonly operation: string;
  readonly cases: readonly ConformanceCase[];
}

/** Cases that a store does not pass, and why. One that it passes after all is an error. */
export interface Difference {
  /** One or two sentences, told to users in docs/s3.md. */
  readonly reason: string;
  /** Whoever chooses the store should know. Default false. */
  readonly matters?: boolean;
  readonly cases: readonly string[];
}

import type { abortable } from "./abortable.ts";
import type { AskApi, hasItems, hasMember } from "./api-request.ts";
import type { createBatch } from "./batch.ts";
import type { ProblemError, UnexpectedAnswerError } from "./errors.ts";
import type { isTransient, Retry } from "./retry.ts";

/**
 * What is loaded later is lent of what every upload has. Were it imported there too, bundlers would cut it out of the file
 * that all is in, into another one that every upload had to load: a kilobyte more of them together.
 */
export interface Lent {
  readonly askApi: AskApi;
  readonly retry: Retry;
  readonly abortable: typeof abortable;
  readonly createBatch: typeof createBatch;
  readonly hasItems: typeof hasItems;
  readonly hasMember: typeof hasMember;
  readonly isTransient: typeof isTransient;
  readonly ProblemError: typeof ProblemError;
  readonly UnexpectedAnswerError: typeof UnexpectedAnswerError;
}

import assert from "node:assert/strict";
import type { CliResult } from "./run-cli.ts";

/** A command ended with this status, said these words to the person, and showed no stack trace. */
export function assertSaid(result: CliResult, status: number, words?: RegExp): void {
  const all = `status ${result.status}\n${result.stdout}\n${result.stderr}`;
  assert.equal(result.status, status, all);
  assert.doesNotMatch(result.stderr, /^\s+at .+:\d+:\d+/m, `a stack trace: ${all}`);
  if (words) assert.match(result.stderr, words, all);
}

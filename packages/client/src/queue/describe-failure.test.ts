import assert from "node:assert/strict";
import { test } from "node:test";
import { ProblemError, StoreRefusedError, UnexpectedAnswerError } from "../errors.ts";
import { problemOf } from "../testing/index.contract.ts";
import { describeFailure } from "./describe-failure.ts";

for (const [name, error] of [
  ["the server has too much to do", new ProblemError(problemOf("rate-limited", "Later."), 400_000)],
  ["the server is in trouble", new ProblemError(problemOf("unavailable", "Down."))],
  ["the store has too much to do", new StoreRefusedError(503, "SlowDown")],
  ["somebody else answers", new UnexpectedAnswerError("Sending a.jpg", 403)],
] as const)
  test(`waits for the network where ${name}`, () =>
    assert.equal(describeFailure(error, "a.jpg").waitsFor, "network"));

for (const code of ["bytes-missing", "parts-missing"] as const)
  test(`gives up, and may be tried again, where the store says that it has what it has not: ${code}`, () => {
    const { problem, ...failure } = describeFailure(new ProblemError(problemOf(code, "No.")), "a.jpg");
    assert.deepEqual(failure, { canRetry: true });
    assert.equal(problem.code, code);
  });

test("gives up, and may be tried again, where the store refuses for good", () => {
  const { waitsFor, canRetry } = describeFailure(new StoreRefusedError(403, "AccessDenied"), "a.jpg");
  assert.deepEqual([waitsFor, canRetry], [undefined, true]);
});

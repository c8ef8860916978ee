import assert from "node:assert/strict";
import { test } from "node:test";
import { createBatchRequest } from "./batch-request.ts";
import type { AbortSignalLike } from "./ports.ts";
import { createRetry } from "./retry.ts";
import { testPlatform } from "./testing/test-platform.contract.ts";

test("goes on with a request while one of its items is waited for, and no longer", async () => {
  const platform = testPlatform("");
  const signals: (AbortSignalLike | undefined)[] = [];
  const askOne = createBatchRequest<string>(
    {
      retry: createRetry(platform),
      abortController: platform.abortController,
      askApi: ({ signal }) => {
        signals.push(signal);
        return new Promise((_, reject) =>
          signal?.addEventListener("abort", () => reject(new Error("given up"))),
        );
      },
    },
    "/v1/uploads",
    (files) => ({ files }),
  );
  const [one, other] = [new AbortController(), new AbortController()];
  const ends = [one, other].map(({ signal }) => askOne("a", { signal }));
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(signals.length, 1);
  one.abort();
  assert.equal(signals[0]?.aborted, false);
  other.abort();
  assert.equal(signals[0]?.aborted, true);
  for (const end of ends) await assert.rejects(end, { code: "aborted" });

  // Who was given up before it was asked for asks for nothing.
  const late = askOne("b", { signal: one.signal });
  await assert.rejects(late, { code: "aborted" });
  await Promise.resolve();
  assert.equal(signals[1]?.aborted ?? true, true);
});

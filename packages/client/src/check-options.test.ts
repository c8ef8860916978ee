import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "./create-client.ts";
import { testPlatform } from "./testing/test-platform.contract.ts";

const server = "http://127.0.0.1:9";

for (const options of [
  { concurrency: 0 },
  { concurrency: Number.NaN },
  { concurrency: 65 },
  { concurrency: { min: 4, max: 1 } },
  { concurrency: { min: 0, max: 4 } },
  { concurrency: { min: 1, max: 65 } },
  { maxAttempts: 0 },
  { requestTimeoutMs: 0 },
  { requestTimeoutMs: Number.POSITIVE_INFINITY },
  { idleTimeoutMs: -1 },
])
  test(`refuses ${JSON.stringify(options)}`, () => {
    const [name = ""] = Object.keys(options);
    assert.throws(() => createClient(testPlatform(server, options)), {
      name: "RangeError",
      message: new RegExp(name),
    });
  });

test("takes what is at the ends of its range, and what is left out", () => {
  for (const options of [
    {},
    { concurrency: 64, maxAttempts: 1, requestTimeoutMs: 1, idleTimeoutMs: 1 },
    { concurrency: { min: 1, max: 1 }, maxAttempts: Number.POSITIVE_INFINITY, idleTimeoutMs: 2_147_483_647 },
  ])
    createClient(testPlatform(server, options)).close();
});

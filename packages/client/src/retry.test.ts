import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NetworkError, StoreRefusedError } from "./errors.ts";
import { decideDelayMs } from "./retry.ts";
import { parseRetryAfterMs } from "./retry-after.ts";

const jitter = fc.double({ min: 0, max: 1, noNaN: true });

test("waits between nothing and a ceiling that doubles up to 20 s", () => {
  const ceilings = [1, 2, 3, 4, 5, 6, 7, 8].map((repeat) =>
    decideDelayMs(new NetworkError(""), repeat, 9, 1),
  );
  assert.deepEqual(ceilings, [500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), jitter, (repeat, share) => {
      const delayMs = decideDelayMs(new NetworkError(""), repeat, 100, share) ?? -1;
      return delayMs >= 0 && delayMs <= 20_000;
    }),
  );
});

test("never waits less than the server asked for, up to five minutes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300_000 }), jitter, (askedMs, share) => {
      const delayMs = decideDelayMs(new StoreRefusedError(503, "", askedMs), 1, 8, share);
      return delayMs !== undefined && delayMs >= askedMs;
    }),
  );
  for (const askedMs of [300_001, 3_600_000, Number.POSITIVE_INFINITY])
    assert.equal(decideDelayMs(new StoreRefusedError(503, "", askedMs), 1, 8, 0), 300_000);
});

test("gives up after the last try", () => {
  assert.equal(decideDelayMs(new NetworkError(""), 8, 8, 0), undefined);
  assert.notEqual(decideDelayMs(new NetworkError(""), 7, 8, 0), undefined);
});

test("reads Retry-After in seconds and leaves dates to the backoff", () => {
  assert.equal(parseRetryAfterMs("3"), 3000);
  assert.equal(parseRetryAfterMs(" 0 "), 0);
  assert.equal(parseRetryAfterMs("1000000000"), 1_000_000_000_000);
  for (const other of [null, undefined, "", "soon", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"])
    assert.equal(parseRetryAfterMs(other), undefined);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreRefusedError, StoreUnavailableError } from "@stowage/core";
import { createRetry } from "./retry.ts";

const failing = (times: number, error: Error = new StoreUnavailableError("for now")) => {
  let attempts = 0;
  return {
    attempts: () => attempts,
    run: async () => {
      attempts += 1;
      if (attempts <= times) throw error;
      return "done";
    },
  };
};

describe("a retry", () => {
  const quick = { maxRetries: 3, windowMs: 10_000, random: () => 0 };

  it("tries again what may pass, up to its bound", async () => {
    const passing = failing(3);
    assert.equal(await createRetry(quick)(passing.run), "done");
    assert.equal(passing.attempts(), 4);
    const lasting = failing(100);
    await assert.rejects(createRetry(quick)(lasting.run), StoreUnavailableError);
    assert.equal(lasting.attempts(), 4);
  });

  it("tries nothing else again", async () => {
    for (const error of [new StoreRefusedError("no"), new TypeError("a mistake")]) {
      const once = failing(1, error);
      await assert.rejects(createRetry(quick)(once.run), error);
      assert.equal(once.attempts(), 1);
    }
  });

  it("begins no attempt that its window does not reach", async () => {
    const late = failing(1);
    const retry = createRetry({ ...quick, windowMs: 49, random: () => 1 });
    await assert.rejects(retry(late.run), StoreUnavailableError);
    assert.equal(late.attempts(), 1);
  });

  it("pauses between nothing and a bound that doubles", async () => {
    const bounds: number[] = [];
    const random = () => {
      bounds.push(performance.now());
      return 1 / 50;
    };
    await createRetry({ ...quick, random })(failing(3).run);
    const pauses = bounds.slice(1).map((at, index) => at - (bounds[index] ?? 0));
    // 1, 2 and 4 ms were asked for; timers are late, never early by more than one.
    assert.equal(pauses.length, 2);
    assert.ok((pauses[0] ?? 0) >= 0.5 && (pauses[1] ?? 0) >= 1.5, `${pauses}`);
  });

  it("ends a pause with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    const waiting = createRetry({ ...quick, random: () => 1 })(failing(1).run, controller.signal);
    controller.abort(reason);
    await assert.rejects(waiting, reason);
  });
});

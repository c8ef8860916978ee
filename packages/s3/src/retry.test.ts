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

  it("pauses between nothing and a bound that doubles, up to two seconds", async () => {
    const pauses: number[] = [];
    const pause = async (ms: number) => {
      pauses.push(ms);
    };
    const patient = { maxRetries: 8, windowMs: 10_000, pause };
    await createRetry({ ...patient, random: () => 1 })(failing(8).run);
    assert.deepEqual(pauses.splice(0), [50, 100, 200, 400, 800, 1600, 2000, 2000]);
    await createRetry({ ...patient, random: () => 0.5 })(failing(2).run);
    assert.deepEqual(pauses.splice(0), [25, 50]);
    await createRetry(patient)(failing(8).run);
    assert.ok(
      pauses.every((ms, index) => ms >= 0 && ms < Math.min(2000, 50 * 2 ** index)),
      `${pauses}`,
    );
    assert.ok(new Set(pauses).size > 1, "not the same for all");
  });

  it("ends a pause with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    const waiting = createRetry({ ...quick, random: () => 1 })(failing(1).run, controller.signal);
    controller.abort(reason);
    await assert.rejects(waiting, reason);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { IssuerBusyError } from "./errors.ts";
import { retryReadWhileBusy, retryWhileBusy } from "./sqlite-busy.ts";

const sqliteError = (errcode: number) => Object.assign(new Error("from SQLite"), { errcode });

function failing(times: number, error: Error) {
  let calls = 0;
  const run = () => {
    calls += 1;
    if (calls <= times) throw error;
    return `call ${calls}`;
  };
  return { run, calls: () => calls };
}

const bound = { limitMs: 40, pauseMs: 1 };
/** A bound that a loaded machine does not reach. */
const farBound = { limitMs: 60_000, pauseMs: 1 };

for (const [what, retry] of [
  ["a write", async (run: () => string, within = bound) => retryWhileBusy(run, within)],
  ["a read", async (run: () => string, within = bound) => retryReadWhileBusy(run, within)],
] as const) {
  test(`${what} that meets a lock is tried again, by its extended code too`, async () => {
    assert.equal(await retry(failing(2, sqliteError(5)).run, farBound), "call 3");
    assert.equal(await retry(failing(1, sqliteError(5 | (2 << 8))).run, farBound), "call 2");
  });

  test(`${what} that goes on meeting a lock ends with IssuerBusyError within its bound`, async () => {
    const busy = sqliteError(5);
    const { run, calls } = failing(Number.POSITIVE_INFINITY, busy);
    await assert.rejects(
      retry(run),
      (error) => error instanceof IssuerBusyError && error.code === "issuer-busy" && error.cause === busy,
    );
    assert.ok(calls() > 1);
  });

  test(`${what} that fails otherwise is not tried again`, async () => {
    const { run, calls } = failing(1, sqliteError(19));
    await assert.rejects(retry(run), { errcode: 19 });
    assert.equal(calls(), 1);
  });
}

test("while a write waits for a lock, the process does other things", async () => {
  let isLocked = true;
  setImmediate(() => {
    isLocked = false;
  });
  await retryWhileBusy(() => {
    if (isLocked) throw sqliteError(5);
  });
  assert.equal(isLocked, false);
});

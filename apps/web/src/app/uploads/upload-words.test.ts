import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueueTotals } from "@stowage/react";
import { uploadState, uploadSummary } from "./upload-words.ts";

const none: QueueTotals = {
  waiting: 0,
  sending: 0,
  checking: 0,
  ready: 0,
  rejected: 0,
  failed: 0,
  cancelled: 0,
  files: 0,
  active: 0,
  heldUp: 0,
  totalBytes: 0,
  doneBytes: 0,
  fraction: 1,
};

test("progress is rounded down: 100 % is all of it", () => {
  assert.equal(uploadState({ state: "sending", fraction: 0.999 }), "Sending 99 %");
  assert.equal(uploadState({ state: "sending", fraction: 1 }), "Sending 100 %");
});

test("a rejection and a failure say why", () => {
  const problem = { code: "corrupt", detail: "The file is damaged." };
  assert.equal(uploadState({ state: "rejected", fraction: 1, problem }), "Rejected: The file is damaged.");
  assert.equal(uploadState({ state: "failed", fraction: 0, problem }), "Failed: The file is damaged.");
});

test("what waits for the server says so", () => {
  assert.equal(uploadState({ state: "waiting", waitingFor: "turn", fraction: 0 }), "Waiting");
  assert.equal(
    uploadState({ state: "waiting", waitingFor: "network", fraction: 0 }),
    "Waiting for the server",
  );
});

for (const [totals, expected] of [
  [{ files: 30, active: 27, ready: 3, sending: 4, waiting: 23 }, "Uploading 4 of 30 files"],
  [{ files: 1, active: 1, sending: 1 }, "Uploading 1 of 1 file"],
  [{ files: 30, active: 2, checking: 2, ready: 28 }, "Checking 2 files"],
  [{ files: 3, active: 3, waiting: 3, heldUp: 3 }, "3 files waiting for the server"],
  [{ files: 31, ready: 30, rejected: 1 }, "30 files ready, 1 rejected"],
  [{ files: 2, failed: 1, ready: 1 }, "1 file ready, 1 failed"],
  [{ files: 2, cancelled: 2 }, "Nothing uploaded"],
] as const)
  test(`uploads are summed up: ${expected}`, () => {
    assert.equal(uploadSummary({ ...none, ...totals }), expected);
  });

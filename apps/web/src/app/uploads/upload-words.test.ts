import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueueTotals } from "@stowage/react";
import { uploadPace, uploadState, uploadSummary } from "./upload-words.ts";

const none: QueueTotals = {
  saving: 0,
  saved: 0,
  "waiting-for-network": 0,
  "waiting-for-sign-in": 0,
  "needs-file": 0,
  paused: 0,
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
  assert.equal(uploadState({ state: "saved", fraction: 0 }), "Waiting");
  assert.equal(uploadState({ state: "waiting-for-network", fraction: 0 }), "Waiting for the server");
  assert.equal(
    uploadState({ state: "waiting-for-network", fraction: 0, isKept: true }),
    "Waiting for the server, kept on this device",
  );
  const portal = { code: "unexpected-answer", detail: "Something else answers." };
  assert.equal(
    uploadState({ state: "waiting-for-network", fraction: 0, isKept: true, problem: portal }),
    "Waiting: Something else answers.",
  );
  const problem = { code: "other-person", detail: "Somebody else is signed in." };
  assert.equal(
    uploadState({ state: "waiting-for-sign-in", fraction: 0, problem }),
    "Waiting: somebody else is signed in",
  );
});

test("what is paused says how far it is, once it has begun", () => {
  assert.equal(uploadState({ state: "paused", fraction: 0 }), "Paused");
  assert.equal(uploadState({ state: "paused", fraction: 0.256 }), "Paused at 25 %");
});

for (const [pace, expected] of [
  [{}, ""],
  [{ bytesPerSecond: 0 }, ""],
  [{ bytesPerSecond: 4_123_456.7 }, "4.1 MB/s"],
  [{ bytesPerSecond: 800_000, secondsLeft: 12 }, "800 kB/s, less than a minute left"],
  [{ bytesPerSecond: 800_000, secondsLeft: 61 }, "800 kB/s, 2 minutes left"],
  [{ bytesPerSecond: 20_000, secondsLeft: 7_300 }, "20 kB/s, 3 hours left"],
] as const)
  test(`speed and time left are said as far as they are known: ${expected || "nothing"}`, () => {
    assert.equal(uploadPace(pace), expected);
  });

for (const [totals, expected] of [
  [{ files: 30, active: 27, ready: 3, sending: 4, saved: 23 }, "Uploading 4 of 30 files"],
  [{ files: 1, active: 1, sending: 1 }, "Uploading 1 of 1 file"],
  [{ files: 30, active: 2, checking: 2, ready: 28 }, "Checking 2 files"],
  [{ files: 3, active: 3, "waiting-for-network": 3, heldUp: 3 }, "3 files waiting for the server"],
  [{ files: 3, active: 2, paused: 2, ready: 1 }, "2 files paused"],
  [{ files: 1, active: 1, "needs-file": 1 }, "1 file to be added again"],
  [{ files: 31, ready: 30, rejected: 1 }, "30 files ready, 1 rejected"],
  [{ files: 2, failed: 1, ready: 1 }, "1 file ready, 1 failed"],
  [{ files: 2, cancelled: 2 }, "Nothing uploaded"],
] as const)
  test(`uploads are summed up: ${expected}`, () => {
    assert.equal(uploadSummary({ ...none, ...totals }), expected);
  });

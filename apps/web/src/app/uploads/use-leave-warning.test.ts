import assert from "node:assert/strict";
import { test } from "node:test";
import type { UploadItem } from "@stowage/react";
import { wouldLose } from "./use-leave-warning.ts";

const item = (state: UploadItem["state"], isKept: boolean): UploadItem => ({
  id: "1",
  name: "a.jpg",
  sizeBytes: 10,
  contentType: "image/jpeg",
  state,
  isKept,
  sentBytes: 0,
  fraction: 0,
  canRetry: false,
});

test("the page may be left while all that is on its way is kept on this device", () => {
  for (const state of ["saved", "sending", "waiting-for-network", "waiting-for-sign-in", "paused"] as const)
    assert.equal(wouldLose([item(state, true)]), false, state);
});

test("what is not kept would be lost", () => {
  for (const state of ["saving", "saved", "sending", "waiting-for-network", "paused"] as const)
    assert.equal(wouldLose([item("ready", false), item(state, false)]), true, state);
});

test("what has arrived, has ended or is to be added again anyway is not lost by leaving", () => {
  for (const state of ["checking", "needs-file", "ready", "rejected", "failed", "cancelled"] as const)
    assert.equal(wouldLose([item(state, false)]), false, state);
});

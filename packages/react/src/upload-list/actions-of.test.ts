import assert from "node:assert/strict";
import { test } from "node:test";
import type { UploadItem } from "@stowage/client";
import { actionsOf } from "./actions-of.ts";

const of = (state: UploadItem["state"], canRetry = false, code?: string) =>
  actionsOf({ state, canRetry, problem: code === undefined ? undefined : { code, detail: "" } });

test("whatever is on its way can be cancelled, whatever has ended taken off the list", () => {
  for (const state of ["saving", "saved", "sending", "checking", "paused", "needs-file"] as const)
    assert.equal(of(state).at(-1), "cancel", state);
  for (const state of ["ready", "rejected", "failed", "cancelled"] as const)
    assert.equal(of(state).at(-1), "dismiss", state);
});

test("what is paused can be gone on with, and what has nothing to pause can't be paused", () => {
  assert.deepEqual(of("sending"), ["pause", "cancel"]);
  assert.deepEqual(of("paused"), ["resume", "cancel"]);
  assert.deepEqual(of("checking"), ["cancel"]);
});

test("trying again is offered where it may help", () => {
  assert.deepEqual(of("failed"), ["dismiss"]);
  assert.deepEqual(of("failed", true), ["retry", "dismiss"]);
  assert.deepEqual(of("waiting-for-network", true), ["pause", "retry", "cancel"]);
});

test("what may be another person's goes on once its person says so, and not what waits for a sign-in", () => {
  assert.deepEqual(of("waiting-for-sign-in", false, "unknown-person"), ["retry", "pause", "cancel"]);
  assert.deepEqual(of("waiting-for-sign-in", false, "not-signed-in"), ["pause", "cancel"]);
});

test("a file is asked for where its bytes are gone or have changed", () => {
  assert.deepEqual(of("needs-file"), ["attach", "cancel"]);
  assert.deepEqual(of("failed", true, "file-changed"), ["attach", "dismiss"]);
});

import { test } from "node:test";
import { holdLifecycle } from "./hold-lifecycle.testing.ts";

test("10,000 steps of clients, workers and sweepers that die and sleep go as the model says, and come to every outcome", async (t) => {
  await holdLifecycle(t, {
    steps: 10_000,
    // Half of the steps, and they come to all that is needed by themselves: chance leaves none of it out.
    fixedSeed: 20_260_607,
    needed: [
      ...["pending", "ready", "ref-reused", "quota-exceeded", "type-not-allowed"].map(
        (outcome) => `create ${outcome}`,
      ),
      ...["200", "403", "412"].map((status) => `put ${status}`),
      ...["pending", "uploaded", "verifying", "ready", "aborted"].map((state) => `swap ${state}`),
      ...["pending", "validation-failed"].map((outcome) => `mint-parts ${outcome}`),
      ...["uploaded", "ready", "bytes-missing", "upload-gone"].map((outcome) => `complete ${outcome}`),
      ...["idle", "ready", "postponed", "rejected type-mismatch", "rejected checksum-mismatch"].map(
        (outcome) => `work ${outcome}`,
      ),
      ...["derivative-pending", "given"].map((outcome) => `ask ${outcome}`),
      ...["made", "idle", "postponed", "asleep", "died", "failed"].map((outcome) => `make ${outcome}`),
      ...["does something", "does nothing"].map((outcome) => `sweep ${outcome}`),
      ...["finds nothing", "overdue"].map((outcome) => `reconcile ${outcome}`),
      ...["pending", "quota-exceeded"].map((outcome) => `replace ${outcome}`),
      ...["ready current", "ready conflict", "ready apart"].map((outcome) => `work ${outcome}`),
      ...["done", "not-found", "precondition-failed"].flatMap((outcome) => [
        `restore-version ${outcome}`,
        `purge-version ${outcome}`,
      ]),
      ...["purge-version version-current", "wake ready conflict", "wake ready current"],
      ...["rename", "trash", "restore", "purge", "quarantine", "release"].map((change) => `${change} done`),
      ...["rename", "trash", "purge"].map((change) => `${change} precondition-failed`),
      ...["stale", "ready", "uploaded", "aborted", "pending", "postponed"].map(
        (outcome) => `wake ${outcome}`,
      ),
      ...["remint pending", "turn pending", "abort aborted", "tell 1", "restore file-not-trashed"],
      ...["renew held", "renew lost", "skew done", "wait done"],
      ...["create", "replace", "complete", "abort", "turn", "work", "sweep"].flatMap((step) => [
        `${step} died`,
        `${step} asleep`,
        `${step} failed`,
      ]),
    ],
  });
});

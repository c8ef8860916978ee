import { test } from "node:test";
import { holdLifecycle } from "./hold-lifecycle.testing.ts";

test("10,000 steps of clients, workers and sweepers that die and sleep go as the model says, and come to every outcome", async (t) => {
  await holdLifecycle(t, {
    steps: 10_000,
    fixedSeed: 20_260_602,
    needed: [
      ...[
        "pending",
        "ready",
        "ref-reused",
        "quota-exceeded",
        "too-many-open-uploads",
        "type-not-allowed",
      ].map((outcome) => `create ${outcome}`),
      // 0: cut off in the middle.
      ...["0", "200", "400", "403", "404", "412"].map((status) => `put ${status}`),
      ...["pending", "ready"].map((outcome) => `remint ${outcome}`),
      ...["pending", "not-multipart"].map((outcome) => `turn ${outcome}`),
      ...["pending", "not-multipart", "validation-failed", "upload-gone"].map(
        (outcome) => `mint-parts ${outcome}`,
      ),
      ...["uploaded", "ready", "bytes-missing", "parts-missing", "sha256-conflict", "upload-gone"].map(
        (outcome) => `complete ${outcome}`,
      ),
      ...["aborted", "upload-not-pending"].map((outcome) => `abort ${outcome}`),
      ...["0", "1"].map((count) => `tell ${count}`),
      ...["idle", "ready", "postponed", "rejected type-mismatch", "rejected checksum-mismatch"].map(
        (outcome) => `work ${outcome}`,
      ),
      ...["does something", "does nothing"].map((outcome) => `sweep ${outcome}`),
      ...["finds nothing", "overdue"].map((outcome) => `reconcile ${outcome}`),
      ...["rename", "trash", "restore", "purge"].map((change) => `${change} done`),
      ...["rename", "trash", "purge"].map((change) => `${change} precondition-failed`),
      ...["stale", "ready", "uploaded", "aborted", "pending"].map((outcome) => `wake ${outcome}`),
      "restore file-not-trashed",
      "renew held",
      "kill killed",
      ...["create", "complete", "abort", "work", "sweep", "purge"].flatMap((step) => [
        `${step} died`,
        `${step} asleep`,
      ]),
    ],
  });
});

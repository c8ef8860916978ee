import { test } from "node:test";
import { putOverFaults } from "./put-over-faults.ts";

test(
  "a thousand files, 1 GB in all, arrive once each over a network that fails at every twentieth request",
  {
    timeout: 600_000,
  },
  (t) => putOverFaults(t, { count: 1000, leastBytes: 1000, mostBytes: 25_000_000 }),
);

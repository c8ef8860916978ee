import { test } from "node:test";
import { putOverFaults } from "./put-over-faults.ts";

test("a hundred files arrive once each over a network that fails at every twentieth request", (t) =>
  putOverFaults(t, { count: 100, leastBytes: 1000, mostBytes: 2_500_000 }));

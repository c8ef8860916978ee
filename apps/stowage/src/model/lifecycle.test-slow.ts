import { test } from "node:test";
import { holdLifecycle } from "./hold-lifecycle.testing.ts";

test("500 steps of clients, workers and sweepers that die and sleep go as the model says", async (t) => {
  await holdLifecycle(t, {
    steps: 500,
    fixedSeed: 20_260_601,
    needed: [
      "create pending",
      "put 200",
      "put 403",
      "put 412",
      "complete uploaded",
      "abort aborted",
      "work ready",
      "work postponed",
      "work died",
      "work asleep",
    ],
  });
});

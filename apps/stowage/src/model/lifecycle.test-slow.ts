import { test } from "node:test";
import { holdLifecycle } from "./hold-lifecycle.testing.ts";

test("500 steps of clients, workers and sweepers that die and sleep go as the model says", async (t) => {
  await holdLifecycle(t, {
    steps: 500,
    fixedSeed: 20_260_601,
    // What 500 steps can't miss; lifecycle.test-full.ts asks for everything.
    needed: [
      "create pending",
      "put 200",
      "complete uploaded",
      "replace pending",
      "work ready",
      "work asleep",
    ],
  });
});

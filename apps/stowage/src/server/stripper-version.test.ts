import assert from "node:assert/strict";
import { test } from "node:test";
import * as core from "@stowage/core";
import * as inspect from "@stowage/inspect";

test("what others get is believed of the strippers that the inspector has, and of no older ones", () => {
  assert.equal(inspect.stripperVersion, core.stripperVersion);
});

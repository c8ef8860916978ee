import assert from "node:assert/strict";
import { test } from "node:test";
import { anonymous, anonymousId } from "./principal.ts";

test("who asks without a token has no right of their own, and an id that no row has", () => {
  assert.deepEqual(anonymous, { id: anonymousId });
  // Rows' ids are UUIDs.
  assert.equal(anonymousId, "anonymous");
});

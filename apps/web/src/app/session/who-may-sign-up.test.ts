import assert from "node:assert/strict";
import { test } from "node:test";
import { whoMaySignUp } from "./who-may-sign-up.ts";

test("what the server says of sign-up is believed where it is one of the known words", () => {
  for (const known of ["open", "invited", "none"] as const) assert.equal(whoMaySignUp(known), known);
  for (const unknown of [undefined, "", "{{signUp}}", "closed"]) assert.equal(whoMaySignUp(unknown), "open");
});

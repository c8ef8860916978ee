import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { programOf, wherePersonStands } from "./where-person-stands.ts";

const checkout = join(import.meta.dirname, "..", "..", "..", "..");

test("under npm run in the checkout it is where npm was called", () => {
  assert.equal(wherePersonStands({ INIT_CWD: "/home/ada" }, checkout), "/home/ada");
});

test("anywhere else it is where the program was started, whatever a script further up left behind", () => {
  assert.equal(wherePersonStands({ INIT_CWD: "/home/ada" }, "/tmp/x"), "/tmp/x");
  assert.equal(wherePersonStands({}, checkout), checkout);
});

test("repeats the program as the person called it", () => {
  assert.equal(programOf({}), "stowage");
  assert.equal(programOf({ npm_lifecycle_event: "stowage" }), "npm run -s stowage --");
  assert.equal(programOf({ npm_lifecycle_event: "npx" }), "npx stowage");
});

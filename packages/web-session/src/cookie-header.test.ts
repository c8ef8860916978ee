import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCookies } from "./cookie-header.ts";

test("cookies are read by name, and the first of two counts", () => {
  assert.deepEqual(
    [...parseCookies("a=1; b=x=y;c=; a=2 ; =nameless; alone; __proto__=p")],
    [
      ["a", "1"],
      ["b", "x=y"],
      ["c", ""],
      ["__proto__", "p"],
    ],
  );
  assert.equal(parseCookies(undefined).size, 0);
  assert.equal(parseCookies("").size, 0);
});

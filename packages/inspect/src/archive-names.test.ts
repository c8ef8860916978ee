import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createNameRegister } from "./archive-names.ts";

test("names are told apart as a folder would that they are unpacked into, whatever order they come in", () => {
  const step = fc.constantFrom("a", "A", "b", "a.", "\u00e9", "e\u0301", ".");
  const name = fc
    .tuple(fc.array(step, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([steps, isFolder]) => `${steps.join("/")}${isFolder ? "/" : ""}`);
  const pathOf = (of: string): string =>
    of
      .split("/")
      .filter((each) => each !== "" && each !== ".")
      .map((each) =>
        each
          .normalize("NFC")
          .toLowerCase()
          .replace(/[. ]+$/u, ""),
      )
      .join("/");
  const property = fc.property(fc.array(name, { maxLength: 12 }), (names) => {
    const register = createNameRegister(true);
    const taken: string[] = [];
    for (const each of names) {
      const path = pathOf(each);
      const isFolder = each.endsWith("/");
      const clashes = taken.some((other) => {
        const otherPath = pathOf(other);
        if (other.endsWith("/")) return isFolder ? other === each : `${otherPath}/`.startsWith(`${path}/`);
        return isFolder || path !== otherPath
          ? `${path}/`.startsWith(`${otherPath}/`) || (!isFolder && otherPath.startsWith(`${path}/`))
          : true;
      });
      const isNowhere = !isFolder && path === "";
      assert.equal(register.faultOf(each) !== undefined, clashes || isNowhere, `${each} after ${taken}`);
      if (clashes || isNowhere) return;
      taken.push(each);
    }
  });
  fc.assert(property, { numRuns: 2000 });
});

test("folders are a hundred deep in each other at most", () => {
  const register = createNameRegister(true);
  assert.equal(register.faultOf(`${"a/".repeat(99)}a`), undefined);
  assert.match(register.faultOf(`${"b/".repeat(100)}a`) ?? "", /more than 100 deep/);
});

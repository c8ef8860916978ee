import assert from "node:assert/strict";
import { test } from "node:test";
import { mutantsOf } from "./mutants.ts";

const changed = (source: string): string[] =>
  mutantsOf("a.ts", source).map(({ start, end, now }) => source.slice(0, start) + now + source.slice(end));

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ["a comparison", "x = a < b;", ["x = (a <= b);", "x = (a >= b);", "x = true;", "x = false;"]],
  ["a conjunction", "x = a && b;", ["x = (a || b);", "x = a;", "x = b;"]],
  ["a default", "x = a ?? 1;", ["x = a;", "x = 1;", "x = a ?? 2;"]],
  ["a choice", "x = a ? b : c;", ["x = (b);", "x = (c);"]],
  ["a condition", "if (a) f();", ["if (true) f();", "if (false) f();", "if (a) ;"]],
  ["a negation", "x = !a;", ["x = a;"]],
  ["constants", 'x = [true, "a"];', ['x = [false, "a"];', 'x = [true, ""];', 'x = ["a"];', "x = [true];"]],
  ["an empty list", "x = [];", ['x = ["mutant" as never];']],
  ["members", "x = { a, ...b };", ["x = { ...b };", "x = { a };"]],
  ["a question", "x = a.some(f);", ["x = true;", "x = false;", "x = a.every(f);"]],
  ["a narrowing", "x = a.filter(f);", ["x = a;"]],
  [
    "a result",
    "const f = () => ({ a });",
    ["const f = () => undefined as never;", "const f = () => ({  });"],
  ],
  ["a statement", "function f() { g(); }", ["function f() {}", "function f() { ; }"]],
  [
    "an answer",
    "function f() { return a; }",
    ["function f() {}", "function f() { return undefined as never; }"],
  ],
  ["a chain", "x = a?.b;", ["x = a.b;"]],
];

for (const [what, source, expected] of cases)
  test(`${what} is changed in each small way`, () => {
    const withoutWhole = changed(source).filter((mutant) => mutant.trim() !== ";");
    for (const mutant of expected)
      assert.ok(withoutWhole.includes(mutant), `${mutant} of ${withoutWhole.join(" ")}`);
  });

test("types and imports are left alone, and every mutant names its line", () => {
  assert.deepEqual(changed('import a from "b";\ntype C = "d" | "e";\n'), []);
  const [mutant] = mutantsOf("a.ts", "\n  const a = true;\n");
  assert.deepEqual(mutant, { start: 13, end: 17, was: "true", now: "false", line: "const a = true;" });
});

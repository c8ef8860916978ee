import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExposition, sumOf } from "./parse-exposition.ts";

const head = "# HELP a_total A.\n# TYPE a_total counter\n";
const histogram = (lines: string) => `# HELP h H.\n# TYPE h histogram\n${lines}`;

test("labels are read with their escapes, and sums go over what is not asked for", () => {
  const text = `${head}a_total{x="1",y="a\\"b\\\\c\\nd"} 2\na_total{x="1",y="e,f"} 3\na_total{x="2",y=""} 4\n`;
  const families = parseExposition(text);
  assert.deepEqual(families.get("a_total")?.samples[0]?.labels, { x: "1", y: 'a"b\\c\nd' });
  assert.equal(sumOf(families, "a_total", { x: "1" }), 5);
  assert.throws(() => sumOf(families, "b_total"));
});

for (const [what, text] of [
  ["a series that comes twice", `${head}a_total{x="1"} 2\na_total{x="1"} 3\n`],
  ["a sample before its type", "a_total 1\n"],
  ["a sample of another family", `${head}b_total 1\n`],
  ["a counter without its ending", "# HELP a A.\n# TYPE a counter\na 1\n"],
  ["a counter below zero", `${head}a_total -1\n`],
  ["a family that comes twice", `${head}a_total 1\n${head}`],
  ["labels that end nowhere", `${head}a_total{x="1} 2\n`],
  ["a value that is none", `${head}a_total one\n`],
  ["buckets that shrink", histogram('h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n')],
  ["a count that is another", histogram('h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n')],
  ["a last line without an end", `${head}a_total 1`],
] as const)
  test(`${what} is refused`, () => {
    assert.throws(() => parseExposition(text));
  });

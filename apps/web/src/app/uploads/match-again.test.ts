import assert from "node:assert/strict";
import { test } from "node:test";
import { matchAgain } from "./match-again.ts";

const beach = { id: "1", name: "beach.jpg", sizeBytes: 10 };
const forest = { id: "2", name: "forest.jpg", sizeBytes: 20 };
const file = (name: string, size: number) => ({ name, size });

test("files that are added again go to the uploads of their names and sizes", () => {
  const files = [file("forest.jpg", 20), file("other.jpg", 10), file("beach.jpg", 10)];
  assert.deepEqual(
    matchAgain([beach, forest], files).map(([id, { name }]) => [id, name]),
    [
      ["1", "beach.jpg"],
      ["2", "forest.jpg"],
    ],
  );
});

test("one file for one upload may have been renamed, and must be as large", () => {
  assert.equal(matchAgain([beach], [file("beach (1).jpg", 10)]).length, 1);
  assert.equal(matchAgain([beach], [file("beach.jpg", 11)]).length, 0);
});

test("a file is given to one upload only", () => {
  const twice = [beach, { ...beach, id: "3" }];
  assert.deepEqual(
    matchAgain(twice, [file("beach.jpg", 10)]).map(([id]) => id),
    ["1"],
  );
});

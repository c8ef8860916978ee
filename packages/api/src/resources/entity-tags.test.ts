import assert from "node:assert/strict";
import { test } from "node:test";
import { expectedRevision, isNoneMatchFailing } from "./entity-tags.ts";

test("If-Match names any of the tags that stand there, none that is weak or another's", () => {
  for (const [header, revisions] of [
    ['"r3"', [3]],
    ['"r1", "r3"', [1, 3]],
    ['"r3.1.1763000000000"', [3]],
    ['"r3.1"', []],
    ['"r1","r3" ,"x"', [1, 3]],
    ['"a,"r9"', []],
    ['W/"r3"', []],
    ['W/"r1", "r2"', [2]],
    ['"x"', []],
    ['"r"', []],
    ['"r-1"', []],
    ['"r1e3"', []],
    ["r3", []],
    ["", []],
    [", ,", []],
  ] as const)
    assert.deepEqual(expectedRevision(header), revisions, header);
  assert.equal(expectedRevision(" * "), "any");
  assert.equal(expectedRevision(undefined), undefined);
});

test("If-None-Match holds back what one of its tags names, weak or not", () => {
  for (const header of ['"r3"', 'W/"r3"', '"r1", "r3"', 'W/"r1",W/"r3"', "*"])
    assert.equal(isNoneMatchFailing(header, '"r3"'), true, header);
  for (const header of ['"r33"', 'W/"r1"', "r3", "", undefined])
    assert.equal(isNoneMatchFailing(header, '"r3"'), false, header);
});

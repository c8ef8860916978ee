import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { choiceOf, everything, queryOf, searchOf } from "./list-choice.ts";

test("the address of the files alone is the list that begins with what came last", () => {
  assert.deepEqual(choiceOf(""), everything);
  assert.deepEqual(queryOf(everything), {});
  assert.equal(searchOf(everything), "");
});

test("kind and order are in the address, and what does not go together is not asked for", () => {
  assert.deepEqual(queryOf(choiceOf("?type=image&sort=taken")), { type: "image", sort: "taken" });
  assert.deepEqual(queryOf(choiceOf("?type=image&sort=name")), { type: "image" });
  assert.deepEqual(queryOf(choiceOf("?sort=name")), { sort: "name" });
  assert.deepEqual(queryOf(choiceOf("?q=img&sort=name&type=video")), { q: "img" });
});

test("words that are looked for come back as they were, whatever is in them", () => {
  const words = "q=&? ü 50% 写真";
  assert.equal(choiceOf(searchOf({ ...everything, words })).words, words);
});

test("any address means a list that there is, and that list's address means it again", () => {
  const parts = fc.record(
    {
      sort: fc.constantFrom("created", "taken", "name", "size", ""),
      type: fc.constantFrom("image", "video", "document", "audio"),
      q: fc.string(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(parts, (asked) => {
      const choice = choiceOf(`?${new URLSearchParams(asked)}`);
      assert.deepEqual(choiceOf(searchOf(choice)), choice);
      const { q, type, sort } = queryOf(choice);
      assert.ok(q === undefined || (type === undefined && sort === undefined));
      assert.ok(!(type !== undefined && sort === "name"));
    }),
  );
});

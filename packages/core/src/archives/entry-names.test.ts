import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createEntryNames } from "./entry-names.ts";

const jpeg = "image/jpeg";

test("numbers what has one name, before its ending, whatever its case or composition", () => {
  const names = createEntryNames("", ["manifest.json"]);
  const given = ["a.jpg", "A.JPG", "a.jpg", "a (2).jpg", "é.jpg", "e\u0301.jpg"].map((name) =>
    names.nameFor({ name, contentType: jpeg }),
  );
  assert.deepEqual(given, ["a.jpg", "A (2).JPG", "a (3).jpg", "a (2) (2).jpg", "é.jpg", "é (2).jpg"]);
  assert.equal(
    names.nameFor({ name: "Manifest.json", contentType: "application/json" }),
    "Manifest (2).json",
  );
});

test("puts what it is told into a folder, and nothing above it", () => {
  const names = createEntryNames("versions/");
  assert.equal(names.nameFor({ name: "../../etc/passwd.jpg", contentType: jpeg }).split("/").length, 2);
});

test("gives names that any system takes as one file in one folder, no two of them the same", () => {
  const hostile = fc.constantFrom(
    "..",
    "/",
    "\\",
    "CON",
    "a.jpg",
    "A.jpg",
    ".",
    " ",
    "\0",
    "\u202e",
    "aux.jpg",
    "x",
  );
  const name = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.array(hostile, { maxLength: 4 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 20 }), (asked) => {
      const names = createEntryNames();
      const given = asked.map((each) => names.nameFor({ name: each, contentType: jpeg }));
      const folded = given.map((each) => each.toUpperCase().toLowerCase().normalize("NFC"));
      assert.equal(new Set(folded).size, asked.length);
      for (const each of given) {
        assert.ok(each.length > 0);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        assert.doesNotMatch(each, /[<>:"/\\|?*\u0000-\u001f\u202e]|[. ]$|^\.{1,2}$/u);
        assert.doesNotMatch(each, /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu);
      }
    }),
  );
});

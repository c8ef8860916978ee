import assert from "node:assert/strict";
import { textsOf } from "../../harness/read-xml.ts";
import type { ConformanceCase, ConformanceGroup } from "../conformance-case.ts";
import { assertHolds, assertOk, assertRefused, assertStatus } from "../s3-session.ts";

const oddEnds: readonly (readonly [string, string])[] = [
  ["spaces", " a  b "],
  ["a plus", "a+b"],
  ["a percent sign", "100%"],
  ["what looks like an escape", "%41%2F%00"],
  ["a question mark", "what?x=1"],
  ["a hash", "a#b"],
  ["an ampersand and angle brackets", "<a&b>"],
  ["quotes", `'a' "b" \`c\``],
  ["a backslash", "a\\b"],
  ["a colon, an at sign and a comma", "a:b@c,d;e=f"],
  ["brackets and braces", "[a]{b}(c)|^"],
  ["an asterisk, an exclamation mark and a tilde", "*!~$"],
  ["umlauts", "übung/ßchön"],
  ["Chinese, Arabic and an emoji", "文件/ملف/🗂️"],
  ["characters outside the basic plane", "𝒳𐍈"],
  ["a slash at its end", "folder/"],
  ["two slashes in a row", "a//b"],
  ["a slash of its own at the start of a name", "//"],
  ["a dot as a name", "a/./b"],
  ["two dots as a name", "a/../b"],
  ["two dots at its end", "a/.."],
  ["a tab and a newline", "a\tb\nc"],
  ["control characters", "a\u0001\u001fb\u007f"],
  ["a leading underscore", "_a/_b_"],
];

const odd: ConformanceCase[] = oddEnds.map(([what, end]) => ({
  name: `a key with ${what} names one object, in PUT, GET, a list and DELETE`,
  source: "UserGuide object-keys; s3-tests test_bucket_create_special_key_names",
  async run(s3) {
    const key = s3.newKey(`/${end}`);
    const prefix = key.slice(0, key.length - end.length);
    await s3.put(key, key);
    await assertHolds(s3, key, key);
    const listed = await s3.send("GET", "", { query: { "list-type": "2", prefix, "encoding-type": "url" } });
    assertOk(listed);
    // Lists answer keys as form values do: a space may be a plus.
    const keys = textsOf(listed.text, "Key").map((name) => decodeURIComponent(name.replaceAll("+", "%20")));
    assert.deepEqual(keys, [key]);
    assertStatus(await s3.send("DELETE", key), 204);
    assertStatus(await s3.head(key), 404);
  },
}));

/** Pairs of keys that some file system would take for one. */
const lookAlikes: readonly (readonly [string, string, string])[] = [
  ["differ in case", "Name", "name"],
  ["differ in Unicode's normal form", "\u00e9", "e\u0301"],
  ["differ in a slash at the end", "name", "name/"],
  ["differ in a doubled slash", "a/b", "a//b"],
  ["are an object and a folder of others", "a", "a/b/c"],
  ["differ in a dot at the end", "name", "name."],
  ["differ in a space at the end", "name", "name "],
  ["differ in how an escape is written", "a%20b", "a b"],
  ["differ in a plus", "a+b", "a b"],
];

const distinct: ConformanceCase[] = lookAlikes.map(([what, first, second]) => ({
  name: `two keys that ${what} are two objects`,
  source: "UserGuide object-keys: the key is a sequence of Unicode characters, and identifies the object",
  async run(s3) {
    const prefix = s3.newKey("/");
    await s3.put(prefix + first, "first");
    await s3.put(prefix + second, "second");
    await assertHolds(s3, prefix + first, "first");
    assertStatus(await s3.send("DELETE", prefix + first), 204);
    await assertHolds(s3, prefix + second, "second");
  },
}));

const lengths: ConformanceCase[] = [
  {
    name: "a key of 1,024 bytes is taken",
    source: "UserGuide object-keys",
    async run(s3) {
      const start = s3.newKey("/");
      const key = start + "k".repeat(1024 - start.length);
      await s3.put(key, "x");
      await assertHolds(s3, key, "x");
    },
  },
  {
    name: "a key of 1,024 bytes in characters of three is taken",
    source: "UserGuide object-keys: 1,024 bytes of UTF-8",
    async run(s3) {
      const start = s3.newKey("/");
      const key = (start + "山".repeat(400)).slice(0, start.length + Math.floor((1024 - start.length) / 3));
      await s3.put(key, "x");
      await assertHolds(s3, key, "x");
    },
  },
  {
    name: "a key of 1,025 bytes is refused",
    source: "ErrorResponses KeyTooLongError",
    async run(s3) {
      const start = s3.newKey("/");
      const key = start + "k".repeat(1025 - start.length);
      assertRefused(await s3.send("PUT", key, { body: "x" }), 400, "KeyTooLongError");
    },
  },
  {
    name: "a key is measured in bytes, not in characters",
    source: "UserGuide object-keys: 1,024 bytes of UTF-8",
    async run(s3) {
      const start = s3.newKey("/");
      assertRefused(await s3.send("PUT", start + "山".repeat(341), { body: "x" }), 400, "KeyTooLongError");
    },
  },
];

export const objectKeys: ConformanceGroup = {
  operation: "Object keys",
  cases: [...odd, ...distinct, ...lengths],
};

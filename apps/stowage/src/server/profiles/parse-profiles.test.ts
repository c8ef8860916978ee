import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultProfile } from "@stowage/core";
import fc from "fast-check";
import { SettingError } from "../setting-error.ts";
import { parseProfiles, profilesAsSetting } from "./parse-profiles.ts";

const square = { name: "square", width: 200, height: 200, fit: "cover" };

test("without any there is the default one", () => {
  assert.deepEqual(parseProfiles(""), [defaultProfile]);
  assert.deepEqual(parseProfiles("{}"), [defaultProfile]);
});

test("a profile has its own types, sizes and derivatives beside the default one", () => {
  const report = {
    types: { "image/jpeg": 1_000_000, "application/pdf": 5_000_000 },
    derivatives: [{ ...square, of: "image", format: "jpeg", make: "ask" }],
    activeContent: "reject",
  };
  const [first, second] = parseProfiles(JSON.stringify({ report }));
  assert.equal(first, defaultProfile);
  assert.deepEqual(second, {
    name: "report",
    maxSizeBytesByType: new Map(Object.entries(report.types)),
    derivatives: report.derivatives,
    activeContent: "reject",
  });
});

test("what is left out is as in the built-in default, and that can be overridden", () => {
  const profiles = parseProfiles('{"default": {"types": {"text/plain": 10}}, "bare": {"derivatives": []}}');
  assert.deepEqual(
    profiles.map(({ name, maxSizeBytesByType, derivatives }) => [
      name,
      maxSizeBytesByType.size,
      derivatives.length,
    ]),
    [
      ["default", 1, defaultProfile.derivatives.length],
      ["bare", defaultProfile.maxSizeBytesByType.size, 0],
    ],
  );
});

for (const [what, profiles, sentence] of [
  ["text that is no JSON", "{", /must be a JSON object.*not JSON/],
  ["a list", "[]", /must be a JSON object/],
  ["a profile's name in capitals", { Report: {} }, /name must be 1 to 64 of a-z.*"Report"/],
  ["a profile that is no object", { report: 3 }, /in profile report: is not an object/],
  ["an unknown member", { report: { size: 3 } }, /in profile report: there is no member "size", only types/],
  ["no types", { report: { types: {} } }, /report: types: must name at least one type/],
  ["a type in capitals", { report: { types: { "Image/JPEG": 1 } } }, /types: must be named.*"Image\/JPEG"/],
  ["a type's other name", { report: { types: { "image/jpg": 1 } } }, /types: must name image\/jpeg/],
  [
    "a size of nothing",
    { report: { types: { "image/png": 0 } } },
    /types: image\/png: must be a whole number/,
  ],
  ["a size in words", { report: { types: { "image/png": "20 MB" } } }, /not "20 MB"/],
  ["half a byte", { report: { types: { "image/png": 1.5 } } }, /not 1\.5/],
  ["derivatives that are no list", { report: { derivatives: square } }, /derivatives: must be a list/],
  ["a derivative without a fit", { a: { derivatives: [{ ...square, fit: undefined }] } }, /fit is missing/],
  [
    "an unknown fit",
    { a: { derivatives: [{ ...square, fit: "inside" }] } },
    /entry 1: fit: must be one of contain, cover/,
  ],
  [
    "an unknown format",
    { a: { derivatives: [{ ...square, format: "gif" }] } },
    /format: must be one of webp/,
  ],
  [
    "an unknown time",
    { a: { derivatives: [{ ...square, make: "never" }] } },
    /make: must be one of verify, ask/,
  ],
  [
    "an unknown source",
    { a: { derivatives: [{ ...square, of: "sound" }] } },
    /of: must be one of image, document/,
  ],
  ["too wide a one", { a: { derivatives: [{ ...square, width: 16_384 }] } }, /width: must be .* to 16383/],
  ["one of no height", { a: { derivatives: [{ ...square, height: 0 }] } }, /height: must be/],
  ["a name with a slash", { a: { derivatives: [{ ...square, name: "a/b" }] } }, /name: must be 1 to 32/],
  ["a reserved name", { a: { derivatives: [{ ...square, name: "original" }] } }, /name: can't be original/],
  ["two of one name", { a: { derivatives: [square, square] } }, /entry 2 has the name "square" of entry 1/],
  ["too many", { a: { derivatives: Array(17).fill(square) } }, /at most 16 entries, not 17/],
  [
    "something else for active content",
    { a: { activeContent: "allow" } },
    /activeContent: must be one of flag/,
  ],
] as const)
  test(`refuses ${what} in a sentence`, () => {
    const json = typeof profiles === "string" ? profiles : JSON.stringify(profiles);
    assert.throws(
      () => parseProfiles(json),
      (error) =>
        (error instanceof SettingError && sentence.test(error.message)) || assert.fail(String(error)),
    );
  });

test("names of Object's prototype are names like any other", () => {
  assert.throws(() => parseProfiles('{"__proto__": {}}'), /name must be .*"__proto__"/);
  assert.throws(() => parseProfiles('{"a": {"__proto__": {"types": {}}}}'), /no member "__proto__"/);
  assert.throws(() => parseProfiles('{"a": {"types": {"constructor": 1}}}'), /must be named/);
  assert.equal(parseProfiles('{"constructor": {}}')[1]?.name, "constructor");
});

test("any JSON is read or refused by a sentence, and what was read is read again from what is shown of it", () => {
  const derivative = fc.record(
    {
      name: fc.constantFrom("square", "large", "original", "a b"),
      width: fc.oneof(fc.integer({ min: 0, max: 17_000 }), fc.constant("1")),
      height: fc.integer({ min: 1, max: 16_383 }),
      fit: fc.constantFrom("cover", "contain", "fill"),
      format: fc.constantFrom("webp", "jpeg", "gif"),
    },
    { requiredKeys: ["name", "width", "height", "fit"] },
  );
  const profile = fc.record(
    {
      types: fc.dictionary(fc.constantFrom("image/jpeg", "image/png", "Image/x"), fc.integer()),
      derivatives: fc.array(derivative, { maxLength: 3 }),
      activeContent: fc.constantFrom("flag", "reject", "maybe"),
    },
    { requiredKeys: [] },
  );
  const value = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom("default", "report", "A"), profile));
  fc.assert(
    fc.property(value, (each) => {
      try {
        const profiles = parseProfiles(JSON.stringify(each));
        assert.equal(profiles[0]?.name, "default");
        assert.deepEqual(parseProfiles(JSON.stringify(profilesAsSetting(profiles))), profiles);
      } catch (error) {
        if (!(error instanceof SettingError)) throw error;
      }
    }),
  );
});

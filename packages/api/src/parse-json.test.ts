import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseJson } from "./parse-json.ts";
import { ApiError } from "./problems/api-error.ts";

const refusalOf = (text: string | Buffer): ApiError => {
  try {
    parseJson(Buffer.from(text));
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error;
  }
  throw new Error("It was not refused.");
};

test("any JSON without the unsafe name comes out as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 20 }), (text) => {
      fc.pre(!/__proto__/.test(JSON.stringify(JSON.parse(text))));
      assert.deepEqual(parseJson(Buffer.from(text)), JSON.parse(text));
    }),
  );
});

test("a member called __proto__ is named wherever it is, and however it is spelt", () => {
  for (const name of ["__proto__", "\\u005f_proto__", "__\\u0070roto__"])
    assert.equal(
      refusalOf(`{"files":[{"a/b":{"${name}":1}}]}`).errors[0]?.pointer,
      "/files/0/a~1b/__proto__",
    );
});

test("nesting without end is refused in bounded time, not by the stack", () => {
  const depth = 100_000;
  for (const [open, close] of [
    ['{"a":', "}"],
    ["[", "]"],
  ] as const) {
    const refusal = refusalOf(`${open.repeat(depth)}"\\u0041"${close.repeat(depth)}`);
    assert.ok(["validation-failed", "malformed-json"].includes(refusal.code), refusal.code);
  }
});

test("what is not UTF-8 or not JSON is malformed", () => {
  assert.equal(refusalOf(Buffer.from([0x22, 0xff, 0x22])).code, "malformed-json");
  assert.equal(refusalOf("{").code, "malformed-json");
});

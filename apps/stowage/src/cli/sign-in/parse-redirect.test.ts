import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { judgeRedirect, parsePasted } from "./parse-redirect.ts";

const authorizationUrl = "https://id.example/auth?client_id=stowage-cli&state=s";

test("takes the answer to this sign-in and no other", () => {
  const judge = (query: string) => judgeRedirect(new URLSearchParams(query), "s");
  assert.equal(judge("code=c&state=s").kind, "code");
  assert.equal(judge("code=c&state=s&iss=https://id.example&extra=1").kind, "code");
  assert.deepEqual(judge("error=access_denied&error_description=No&state=s"), {
    kind: "error",
    error: "access_denied",
    description: "No",
  });
  for (const [query, why] of [
    ["", "its state is missing"],
    ["code=c", "its state is missing"],
    ["code=c&state=", "its state is missing"],
    ["code=c&state=other", "it belongs to another sign-in"],
    ["error=access_denied&state=other", "it belongs to another sign-in"],
    ["state=s", "its code is missing"],
    ["code=c&state=s&state=s", "it says something twice"],
    ["code=c&code=d&state=s", "it says something twice"],
  ] as const)
    assert.deepEqual(judge(query), { kind: "foreign", why });
});

test("no answer without the state is taken, whatever else it says", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("code", "error", "state", "iss", "x"), fc.string())),
      (pairs) => {
        const params = new URLSearchParams(pairs.map(([name, value]) => [name, value] as [string, string]));
        assert.equal(judgeRedirect(params, "a state that nobody can guess").kind, "foreign");
      },
    ),
  );
});

test("finds the answer in what is pasted, whatever stands around it", () => {
  const params = fc.record({
    code: fc.string({ minLength: 1 }),
    state: fc.string({ minLength: 1 }),
    iss: fc.webUrl(),
  });
  const around = fc.constantFrom(["", ""], [" \t", "  \r"], ["<", ">"], ['"', '"'], ["'", "'"], [" <", "> "]);
  const before = fc.constantFrom("http://127.0.0.1:40123/callback?", "?", "", "127.0.0.1:40123/callback?");
  fc.assert(
    fc.property(
      params,
      around,
      before,
      fc.constantFrom("", "#", "#x=y"),
      (wanted, [open, close], start, hash) => {
        const text = `${open}${start}${new URLSearchParams(wanted)}${hash}${close}`;
        const found = parsePasted(text, authorizationUrl);
        assert.ok(typeof found !== "string", String(found));
        assert.deepEqual(Object.fromEntries(found), { ...wanted });
      },
    ),
  );
});

test("says what to paste instead, and throws at nothing", () => {
  assert.match(String(parsePasted(` ${authorizationUrl}`, authorizationUrl)), /address to open in a browser/);
  for (const text of [
    "hello",
    "abc123",
    "https://files.example.org/",
    "https://id.example/interaction/x?a=b",
  ])
    assert.match(String(parsePasted(text, authorizationUrl)), /^That is not it/);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const found = parsePasted(text, authorizationUrl);
      assert.ok(typeof found === "string" || found instanceof URLSearchParams);
    }),
  );
});

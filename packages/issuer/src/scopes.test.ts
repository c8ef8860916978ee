import assert from "node:assert/strict";
import { test } from "node:test";
import { UnknownScopeError } from "./errors.ts";
import { accessTokenScopes, parseScope } from "./scopes.ts";

test("names are read in their order, each once", () => {
  assert.deepEqual(parseScope(" files:read  uploads:write files:read "), ["files:read", "uploads:write"]);
  assert.deepEqual(parseScope(accessTokenScopes.join(" ")), accessTokenScopes);
});

for (const [scope, named] of [
  ["files:read files:delete", "files:delete"],
  ["openid", "openid"],
  ["FILES:READ", "FILES:READ"],
  ["files:read\tfiles:write", "files:read\tfiles:write"],
  ["constructor", "constructor"],
  ["", ""],
  ["  ", "  "],
] as const)
  test(`the scope ${JSON.stringify(scope)} is refused by name`, () => {
    assert.throws(
      () => parseScope(scope),
      (error) => error instanceof UnknownScopeError && error.scope === named && !error.message.includes("\t"),
    );
  });

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ApiUnderTest, createApiUnderTest } from "../api.testing.ts";

let api: ApiUnderTest;
before(async () => {
  api = await createApiUnderTest();
});
after(() => api.close());

async function ask(
  who: string,
  method: "GET" | "PATCH",
  payload?: object,
  more: object = {},
  scope?: string,
) {
  const headers = { ...(await api.as(who, scope)), ...more };
  return api.server.inject({ method, url: "/v1/me", headers, ...(payload ? { payload } : {}) });
}

test("lets people say how they are called, each change once, and take it back", async () => {
  const before = await ask("ann", "GET");
  const etag = String(before.headers.etag);
  assert.equal((await ask("ann", "PATCH", { name: "Ann" })).json().code, "precondition-required");
  const changed = await ask("ann", "PATCH", { name: "Ann" }, { "if-match": etag });
  assert.equal(changed.statusCode, 200, changed.body);
  assert.deepEqual(changed.json(), { ...before.json(), name: "Ann" });
  assert.notEqual(changed.headers.etag, etag);
  assert.equal((await ask("ann", "GET")).json().name, "Ann");
  const late = await ask("ann", "PATCH", { name: "Other" }, { "if-match": etag });
  assert.deepEqual([late.statusCode, late.json().code], [412, "precondition-failed"]);
  assert.equal((await ask("ann", "PATCH", { name: null }, { "if-match": "*" })).json().name, undefined);
});

test("takes one line of text as a name, and nothing beside it", async () => {
  for (const payload of [
    {},
    { name: "" },
    { name: "  " },
    { name: 7 },
    { name: "a".repeat(101) },
    { name: "a\nb" },
    { name: "a\u202eb" },
    { name: "a", email: "b@example.com" },
    { name: "a", organisation: "Acme" },
  ]) {
    const answer = await ask("bob", "PATCH", payload, { "if-match": "*" });
    assert.deepEqual(
      [answer.statusCode, answer.json().code],
      [400, "validation-failed"],
      JSON.stringify(payload),
    );
  }
  const narrow = await ask("bob", "PATCH", { name: "Bob" }, { "if-match": "*" }, "files:read files:write");
  assert.equal(narrow.json().code, "insufficient-scope");
  assert.equal((await ask("bob", "GET")).json().name, undefined);
  for (const name of ["💙".repeat(100), "O'Neill <b>", "Ärger"])
    assert.equal((await ask("bob", "PATCH", { name }, { "if-match": "*" })).json().name, name);
});

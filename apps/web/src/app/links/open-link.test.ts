import assert from "node:assert/strict";
import { test } from "node:test";
import { openLink } from "./open-link.ts";

const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): typeof fetch =>
  async () =>
    new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });

test("what opens is answered with its file and its token", async () => {
  const file = { id: "one", name: "Beach.jpg" };
  const asked: unknown[] = [];
  const ask: typeof fetch = async (path, init) => {
    asked.push([path, init?.method, JSON.parse(String(init?.body))]);
    return Response.json({ token: "right", file });
  };
  assert.deepEqual(await openLink(ask, "secret"), { name: "open", file, token: "right" });
  await openLink(ask, "secret", "correct horse");
  assert.deepEqual(asked, [
    ["/v1/links/open", "POST", { token: "secret" }],
    ["/v1/links/open", "POST", { token: "secret", passphrase: "correct horse" }],
  ]);
});

test("what opens is answered with its album and its token", async () => {
  const album = { id: "one", name: "Trip" };
  const ask = answering(200, { token: "right", album });
  assert.deepEqual(await openLink(ask, "secret"), { name: "open", album, token: "right" });
});

for (const [what, ask, passphrase, expected] of [
  [
    "a passphrase that is needed",
    answering(403, { code: "passphrase-required" }),
    undefined,
    { name: "passphrase", wasWrong: false },
  ],
  ["a wrong one", answering(403, { code: "passphrase-wrong" }), "x", { name: "passphrase", wasWrong: true }],
  [
    "one that can't be one",
    answering(400, { code: "validation-failed" }),
    "",
    { name: "passphrase", wasWrong: true },
  ],
  ["a token that can't be one", answering(400, { code: "validation-failed" }), undefined, { name: "gone" }],
  ["a link that is no more", answering(404, { code: "not-found" }), undefined, { name: "gone" }],
  [
    "one that is locked",
    answering(429, { code: "rate-limited" }, { "retry-after": "1200" }),
    "x",
    { name: "locked", seconds: 1200 },
  ],
  ["a server that fails", answering(503, { code: "unavailable" }), undefined, { name: "unreachable" }],
  ["a portal's page", answering(200, "<html>"), undefined, { name: "unreachable" }],
  ["no network", () => Promise.reject(new TypeError("failed")), undefined, { name: "unreachable" }],
] as const)
  test(`${what} is told as that`, async () => {
    assert.deepEqual(await openLink(ask, "secret", passphrase), expected);
  });

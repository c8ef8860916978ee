import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { audience, createApiUnderTest, issuerUrl } from "../api.testing.ts";
import type { ProtectedResource } from "./protected-resource.ts";

const path = "/.well-known/oauth-protected-resource";
const cli = { issuer: "https://login.example", clientId: "stowage-cli", scope: "openid files:read" };

async function setUp(t: TestContext, clients: ProtectedResource["clients"] = { cli }) {
  const api = await createApiUnderTest({
    corsOrigins: ["https://app.example"],
    protectedResource: { resource: audience, clients },
  });
  t.after(() => api.close());
  return { api, ask: (headers = {}) => api.server.inject({ url: path, headers }) };
}

test("clients read who issues tokens, for which scopes, and how the command line signs in", async (t) => {
  const { ask } = await setUp(t);
  const answer = await ask();
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(answer.json(), {
    resource: audience,
    resource_name: "Stowage",
    authorization_servers: ["https://login.example", issuerUrl],
    scopes_supported: [
      "files:read",
      "files:write",
      "uploads:write",
      "albums:write",
      "audit:read",
      "operations:read",
    ],
    bearer_methods_supported: ["header"],
    stowage_clients: {
      cli: { issuer: "https://login.example", client_id: "stowage-cli", scope: "openid files:read" },
    },
  });
});

test("all that a client has to send is said, and that there is no client too", async (t) => {
  const whole = {
    ...cli,
    resource: audience,
    authorizationParameters: { audience: "a" },
    redirectUri: "http://localhost:8976/callback",
  };
  const { ask } = await setUp(t, { cli: whole });
  assert.deepEqual((await ask()).json().stowage_clients.cli, {
    issuer: "https://login.example",
    client_id: "stowage-cli",
    scope: "openid files:read",
    resource: audience,
    authorization_parameters: { audience: "a" },
    redirect_uri: "http://localhost:8976/callback",
  });
  const { ask: askWithout } = await setUp(t, {});
  const { stowage_clients: clients, authorization_servers: servers } = (await askWithout()).json();
  assert.deepEqual([clients, servers], [{}, [issuerUrl]]);
});

test("pages of any origin may read it, and caches keep it for a while", async (t) => {
  const { ask } = await setUp(t);
  for (const origin of [undefined, "https://app.example", "https://other.example", "null"]) {
    const { headers } = await ask(origin === undefined ? {} : { origin });
    assert.equal(headers["access-control-allow-origin"], "*");
    assert.equal(headers["access-control-allow-credentials"], undefined);
    assert.equal(headers["cache-control"], "public, max-age=300");
  }
});

test("a challenge names it, whether a token is missing or bad", async (t) => {
  const { api } = await setUp(t);
  const named = `resource_metadata="${audience}${path}"`;
  for (const [authorization, challenge] of [
    [undefined, `Bearer realm="stowage", ${named}`],
    ["Bearer a.b.c", `Bearer realm="stowage", ${named}, error="invalid_token"`],
    ["Basic YTpi", `Bearer realm="stowage", ${named}, error="invalid_request"`],
  ] as const) {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await api.server.inject({ url: "/v1/me", headers });
    assert.equal(answer.statusCode, 401);
    assert.ok(String(answer.headers["www-authenticate"]).startsWith(challenge));
  }
});

test("where it is not told there is no such address, and no challenge names one", async (t) => {
  const api = await createApiUnderTest();
  t.after(() => api.close());
  assert.equal((await api.server.inject({ url: path })).statusCode, 404);
  const { headers } = await api.server.inject({ url: "/v1/me" });
  assert.equal(headers["www-authenticate"], 'Bearer realm="stowage"');
});

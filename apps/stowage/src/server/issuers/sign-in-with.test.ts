import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIssuers } from "./parse-issuers.ts";
import { signInWith } from "./sign-in-with.ts";

const publicUrl = "https://photos.example";
const configuration = (issuers: readonly object[] = [], enabled = true) => ({
  issuers: parseIssuers(JSON.stringify(issuers)),
  "issuer.enabled": enabled,
});

test("without other issuers, page and command line sign in with the built-in one", () => {
  assert.deepEqual(signInWith(configuration(), publicUrl, "web"), {
    issuer: "https://photos.example/oidc",
    clientId: "stowage-web",
    scope: "openid profile email offline_access files:read files:write uploads:write albums:write",
  });
  const cli = signInWith(configuration(), publicUrl, "cli");
  assert.equal(cli?.clientId, "stowage-cli");
  assert.match(cli?.scope ?? "", / audit:read operations:read$/);
});

test("each signs in with the first issuer that has a client for it", () => {
  const issuers = [
    { issuer: "https://a.example", audience: "a" },
    { issuer: "https://b.example", audience: "b", cliClientId: "b-cli" },
    { issuer: "https://c.example", audience: "c", cliClientId: "c-cli", webClientId: "c-web" },
  ];
  assert.equal(signInWith(configuration(issuers), publicUrl, "web")?.clientId, "c-web");
  assert.equal(signInWith(configuration(issuers), publicUrl, "cli")?.clientId, "b-cli");
});

test("the web client's secret stays the web's, the way back the command line's; what is sent is both's", () => {
  const issuers = [
    {
      issuer: "https://a.example",
      audience: "a",
      webClientId: "web",
      webClientSecret: "secret",
      cliClientId: "cli",
      cliRedirectUri: "http://127.0.0.1:8976/callback",
      resource: "https://photos.example",
      authorizationParameters: { audience: "a" },
      scope: "openid stowage/files:read",
    },
  ];
  const both = {
    issuer: "https://a.example",
    scope: "openid stowage/files:read",
    resource: "https://photos.example",
    authorizationParameters: { audience: "a" },
  };
  assert.deepEqual(signInWith(configuration(issuers), publicUrl, "web"), {
    ...both,
    clientId: "web",
    clientSecret: "secret",
  });
  assert.deepEqual(signInWith(configuration(issuers), publicUrl, "cli"), {
    ...both,
    clientId: "cli",
    redirectUri: "http://127.0.0.1:8976/callback",
  });
});

test("scopes are asked for by the issuer's names, and not where every token has them", () => {
  const of = (more: object) =>
    signInWith(
      configuration([{ issuer: "https://a.example", audience: "a", webClientId: "web", ...more }]),
      publicUrl,
      "web",
    )?.scope;
  assert.equal(
    of({ scopePrefix: "stowage/" }),
    "openid profile email offline_access stowage/files:read stowage/files:write stowage/uploads:write",
  );
  assert.equal(
    of({ grantedScopes: ["files:read", "files:write", "uploads:write"] }),
    "openid profile email offline_access",
  );
});

test("where no issuer has a client and the built-in one is off, nobody can sign in", () => {
  const issuers = [{ issuer: "https://a.example", audience: "a" }];
  assert.equal(signInWith(configuration(issuers, false), publicUrl, "web"), undefined);
  assert.equal(signInWith(configuration(issuers), publicUrl, "web")?.clientId, "stowage-web");
});

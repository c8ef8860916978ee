import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIssuers } from "./parse-issuers.ts";
import { assertIssuers, mainIssuer, protectedResource, trustedIssuers } from "./trusted-issuers.ts";

const publicUrl = "https://photos.example";
const inside = "http://127.0.0.1:8420";
const other = { issuer: "https://a.example", audience: "a", cliClientId: "cli" };
const configuration = (issuers: readonly object[], enabled = true) => ({
  issuers: parseIssuers(JSON.stringify(issuers)),
  "issuer.enabled": enabled,
});

test("the built-in issuer is trusted beside the others, by keys that are read from inside, unless it is off", () => {
  const embedded = {
    issuer: `${publicUrl}/oidc`,
    audience: publicUrl,
    jwksUri: `${inside}/oidc/jwks`,
  };
  assert.deepEqual(trustedIssuers(configuration([]), publicUrl, inside), [embedded]);
  const both = trustedIssuers(configuration([other]), publicUrl, inside);
  assert.deepEqual(
    both.map(({ issuer }) => issuer),
    ["https://a.example", embedded.issuer],
  );
  const one = trustedIssuers(configuration([other], false), publicUrl, inside);
  assert.deepEqual(
    one.map(({ issuer }) => issuer),
    ["https://a.example"],
  );
});

test("the command line is told of the issuer that has a client for it, and of nothing secret", () => {
  const secret = { ...other, webClientId: "web", webClientSecret: "s3cr3t" };
  const { resource, clients } = protectedResource(configuration([secret]), publicUrl);
  assert.equal(resource, publicUrl);
  assert.equal(clients.cli?.issuer, "https://a.example");
  assert.doesNotMatch(JSON.stringify(clients), /s3cr3t/);
  assert.equal(protectedResource(configuration([]), publicUrl).clients.cli?.clientId, "stowage-cli");
  const none = configuration([{ issuer: "https://a.example", audience: "a" }], false);
  assert.deepEqual(protectedResource(none, publicUrl).clients, {});
});

test("a start names the built-in issuer, or another where that is off", () => {
  assert.equal(mainIssuer(configuration([other]), publicUrl), `${publicUrl}/oidc`);
  assert.equal(mainIssuer(configuration([other], false), publicUrl), "https://a.example");
});

test("nobody's tokens, or the built-in issuer's twice, stop the start", () => {
  assert.throws(() => assertIssuers(configuration([], false), publicUrl), /issuer\.enabled is false/);
  const named = configuration([other, { issuer: `${publicUrl}/oidc`, audience: "a" }]);
  assert.throws(() => assertIssuers(named, publicUrl), /entry 2: its issuer is the built-in one/);
  assertIssuers(configuration([other], false), publicUrl);
  assertIssuers(configuration([]), publicUrl);
});

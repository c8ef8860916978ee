import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { SettingError } from "../setting-error.ts";
import { withoutSecret } from "./configured-issuer.ts";
import { issuerMembers, parseIssuers } from "./parse-issuers.ts";

const parse = (...entries: unknown[]) => parseIssuers(JSON.stringify(entries));
const least = { issuer: "https://login.example/realm", audience: "https://files.example" };
const secret = "tell-nobody-3f9a";

const whole = {
  ...least,
  audience: ["one", "two"],
  audienceClaim: "client_id",
  webClientId: "web",
  webClientSecret: secret,
  cliClientId: "cli",
  cliRedirectUri: "http://localhost:8976/callback",
  scope: "openid email stowage/files:read",
  resource: "https://files.example",
  authorizationParameters: { audience: "https://files.example" },
  tokenType: "none",
  requiredClaims: { token_use: "access", groups: ["a", "b"], scope: "*" },
  algorithms: ["RS256"],
  claims: { email: "mail", name: "displayname", organisation: "tenant", scope: "scp" },
  userinfo: true,
  scopePrefix: "stowage/",
  grantedScopes: ["files:read"],
};

test("nothing, and an empty list, are no issuers", () => {
  assert.deepEqual(parseIssuers(""), []);
  assert.deepEqual(parseIssuers("[]"), []);
});

test("an issuer needs its URL and an audience, and may say all that there is", () => {
  assert.deepEqual(parse(least), [{ ...least, audience: ["https://files.example"] }]);
  assert.deepEqual(parse(whole), [
    { ...whole, requiredClaims: { token_use: ["access"], groups: ["a", "b"], scope: ["*"] } },
  ]);
  assert.deepEqual(Object.keys(whole).sort(), [...issuerMembers].sort(), "no member is without a test");
});

test("plain http is for loopback", () => {
  for (const host of ["localhost:8080", "127.0.0.1", "127.8.0.1:1", "[::1]:9000"])
    assert.equal(parse({ ...least, issuer: `http://${host}/realms/a` }).length, 1);
});

const refusals: readonly (readonly [string, object, RegExp])[] = [
  ["no issuer", { issuer: undefined }, /entry 2: issuer is missing/],
  [
    "no audience",
    { audience: undefined },
    /entry 2 \(https:\/\/login\.example\/realm\): audience is missing/,
  ],
  ["an unknown member", { clientId: "web" }, /there is no member "clientId", only issuer, audience/],
  ["a member of Object's prototype", { constructor: "a" }, /there is no member "constructor"/],
  ["an issuer that is no URL", { issuer: "login.example" }, /issuer must be the issuer's URL/],
  ["an issuer of another scheme", { issuer: "file:///etc/passwd" }, /issuer must be the issuer's URL/],
  ["an issuer with a query", { issuer: "https://a.example/?b" }, /issuer must be the issuer's URL/],
  ["an issuer with a fragment", { issuer: "https://a.example/#" }, /issuer must be the issuer's URL/],
  ["an issuer with a password", { issuer: "https://a:b@a.example" }, /issuer must be the issuer's URL/],
  ["plain http beyond loopback", { issuer: "http://login.example" }, /issuer must be an https URL/],
  ["plain http to localhost's namesake", { issuer: "http://localhost.example" }, /must be an https URL/],
  ["an empty audience", { audience: "" }, /audience must be/],
  ["no audience in a list", { audience: [] }, /audience must be/],
  ["an audience twice", { audience: ["a", "a"] }, /audience must name nothing twice/],
  ["an audience that is a number", { audience: 5 }, /audience must be/],
  ["a claim's name with a space", { audienceClaim: "client id" }, /audienceClaim must be/],
  ["a secret without its client", { webClientSecret: secret }, /webClientSecret stands there without/],
  ["a secret that is no text", { webClientId: "web", webClientSecret: [secret] }, /webClientSecret must be/],
  ["a way back without its client", { cliRedirectUri: "http://127.0.0.1:1/a" }, /without cliClientId/],
  ["a way back without port", { cliClientId: "c", cliRedirectUri: "http://127.0.0.1/a" }, /with a port/],
  ["a way back to elsewhere", { cliClientId: "c", cliRedirectUri: "http://a.example:1/" }, /loopback/],
  ["scopes without openid", { scope: "files:read" }, /scope must name "openid"/],
  ["scopes parted by commas and two spaces", { scope: "openid,email  a" }, /scope must be scopes/],
  ["a relative resource", { resource: "/files" }, /resource must be an absolute URI/],
  ["a parameter of our own", { authorizationParameters: { state: "a" } }, /must not set state/],
  ["another redirect", { authorizationParameters: { redirect_uri: "a" } }, /must not set redirect_uri/],
  ["a parameter that is a number", { authorizationParameters: { max_age: 5 } }, /an object of texts/],
  ["parameters in a list", { authorizationParameters: ["a"] }, /an object of texts/],
  ["a type with spaces", { tokenType: "at jwt" }, /tokenType must be/],
  ["an ID token's type alone", { tokenType: "JWT" }, /requiredClaims is missing: with tokenType JWT/],
  ["no type alone", { tokenType: "none" }, /requiredClaims is missing: with tokenType none/],
  ["claims that ID tokens have too", { requiredClaims: { sub: "*", aud: "web" } }, /that ID tokens lack/],
  ["an e-mail address, which ID tokens have", { requiredClaims: { email: "*" } }, /that ID tokens lack/],
  ["the person's name and session", { requiredClaims: { name: "*", sid: "*" } }, /that ID tokens lack/],
  ["no required claims", { requiredClaims: {} }, /requiredClaims must be an object of claims.*not an empty/],
  ["a required claim that is true", { requiredClaims: { a: true } }, /requiredClaims must be/],
  ["a symmetric algorithm", { algorithms: ["RS256", "HS256"] }, /algorithms must be a list of RS256, /],
  ["no algorithm", { algorithms: ["none"] }, /algorithms must be a list of/],
  ["algorithms as a text", { algorithms: "RS256" }, /algorithms must be a list of/],
  ["an unknown claim", { claims: { role: "roles" } }, /claims must have no member "role"/],
  ["a claim's name that is a list", { claims: { email: ["a"] } }, /claims must be the name of a claim/],
  ["a word for a truth", { userinfo: "true" }, /userinfo must be true or false, without quotes/],
  ["a prefix with a space", { scopePrefix: "stowage " }, /scopePrefix must be/],
  ["a scope that is not there", { grantedScopes: ["files:all"] }, /grantedScopes must be a list of/],
  ["an operator's scope for all", { grantedScopes: ["operations:read"] }, /is for operators/],
];

for (const [what, change, sentence] of refusals)
  test(`refuses ${what}, naming entry and member, and quoting no secret`, () => {
    assert.throws(
      () => parse({ ...whole, issuer: "https://first.example" }, { ...least, ...change }),
      (error) => {
        assert.ok(error instanceof SettingError);
        assert.match(error.message, /^is wrong in entry 2/);
        assert.match(error.message, sentence);
        assert.doesNotMatch(error.message, new RegExp(secret));
        return true;
      },
    );
  });

test("refuses the same issuer twice, and what is no list of objects", () => {
  assert.throws(() => parse(least, whole), /entry 2: its issuer .* is that of entry 1 already/);
  for (const text of ["{}", "null", '"a"', "5"]) assert.throws(() => parseIssuers(text), /a JSON list/);
  assert.throws(() => parse([]), /entry 1: it is not an object/);
  assert.throws(() => parse("https://login.example"), /entry 1: it is not an object/);
  assert.throws(
    () => parseIssuers(`[{"webClientSecret": "${secret}"`),
    (error) => error instanceof SettingError && !error.message.includes(secret),
  );
});

test("a prototype can't be set by a member's name", () => {
  assert.throws(
    () => parseIssuers('[{"__proto__": {"issuer": "https://a.example"}, "audience": "a"}]'),
    /no member "__proto__"/,
  );
  assert.throws(
    () =>
      parseIssuers(
        '[{"issuer": "https://a.example", "audience": "a", "requiredClaims": {"__proto__": "a"}}]',
      ),
    /no member "__proto__"/,
  );
});

test("any JSON at all is an issuer or a sentence, and no secret is in it", () => {
  const member = fc.constantFrom(...issuerMembers);
  const entry = fc.dictionary(fc.oneof(member, fc.string()), fc.oneof(fc.jsonValue(), fc.constant(secret)));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.array(entry).map((each) => JSON.stringify(each)),
      ),
      (text) => {
        try {
          for (const { issuer, audience } of parseIssuers(text)) {
            assert.match(issuer, /^https?:/);
            assert.ok(audience.length > 0);
          }
        } catch (error) {
          assert.ok(error instanceof SettingError, String(error));
          // What is no secret (an issuer, a name) may be told.
          assert.doesNotMatch(error.message.replaceAll(/member ".*?"/g, ""), new RegExp(`"${secret}"`));
        }
      },
    ),
  );
});

test("the examples of docs/issuers.md are taken as they stand, and its members are all there are", () => {
  const docs = (name: string) =>
    readFileSync(new URL(`../../../../../docs/${name}`, import.meta.url), "utf8");
  const examples = [...docs("issuers.md").matchAll(/^```json\n(.*?)^```$/gms)].map(
    ([, json = ""]) => JSON.parse(json) as { issuers: unknown[] },
  );
  assert.equal(examples.length, 4);
  for (const { issuers } of examples) assert.equal(parse(...issuers).length, 1);
  const rows = [...docs("configuration.md").matchAll(/^\| (\*\*[A-Za-z]+\*\*(?:, \*\*[A-Za-z]+\*\*)?) \|/gm)];
  const named = rows.flatMap(([, cell = ""]) => cell.split(", ").map((each) => each.replaceAll("*", "")));
  assert.deepEqual(named.sort(), [...issuerMembers].sort());
});

test("what is shown of an issuer has no secret", () => {
  const [issuer] = parse(whole);
  assert.ok(issuer);
  const shown = withoutSecret(issuer);
  assert.equal(shown.webClientSecret, "(hidden)");
  assert.doesNotMatch(JSON.stringify(shown), new RegExp(secret));
  const [open] = parse(least);
  assert.ok(open && withoutSecret(open).webClientSecret === undefined);
});

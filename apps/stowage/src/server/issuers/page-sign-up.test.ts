import assert from "node:assert/strict";
import { test } from "node:test";
import { type Configuration, settingKeys, settings } from "../settings.ts";
import { pageSignUp } from "./page-sign-up.ts";
import { parseIssuers } from "./parse-issuers.ts";
import { signInWith } from "./sign-in-with.ts";

const defaults = Object.fromEntries(settingKeys.map((key) => [key, settings[key].default])) as Configuration;

const offered = (publicUrl: string, changes: Partial<Configuration> = {}) => {
  const configuration = { ...defaults, ...changes };
  return pageSignUp({ configuration, publicUrl }, signInWith(configuration, publicUrl, "web"));
};

test("the page offers an account to everyone where the built-in issuer does", () => {
  assert.equal(offered("http://localhost:8420"), "open");
  assert.equal(offered("https://photos.example"), "invited");
  assert.equal(offered("https://photos.example", { "issuer.signUp": "open" }), "open");
});

test("another provider says on its own pages who may join", () => {
  const issuers = parseIssuers(
    JSON.stringify([{ issuer: "https://id.example", audience: "a", webClientId: "web" }]),
  );
  assert.equal(offered("https://photos.example", { issuers }), "open");
});

test("without any way to sign in the page offers none", () => {
  assert.equal(offered("http://localhost:8420", { "issuer.enabled": false }), "none");
});

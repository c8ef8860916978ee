import assert from "node:assert/strict";
import { test } from "node:test";
import { readyMessage } from "./ready-message.ts";
import { type Configuration, settingKeys, settings } from "./settings.ts";

const defaults = Object.fromEntries(settingKeys.map((key) => [key, settings[key].default])) as Configuration;

const message = (
  publicUrl: string,
  bucketUrl: string,
  configuration: Partial<Configuration> = {},
  issuer = `${publicUrl}/oidc`,
) =>
  readyMessage(
    {
      configuration: { ...defaults, ...configuration },
      publicUrl,
      bucketUrl,
      apiPort: 8420,
      bucketPort: 8421,
      internalApiUrl: "http://127.0.0.1:8420",
      internalBucketUrl: "http://127.0.0.1:8421",
      dataDir: "/srv/stowage",
      version: "1.2.3",
    },
    issuer,
    (command) => `stowage ${command}`,
  );

test("on one's own machine it leads to the page, where everyone may make an account", () => {
  const text = message("http://localhost:8420", "http://127.0.0.1:8421");
  assert.match(text, /Open http:\/\/localhost:8420, make an account/);
  assert.match(text, /stowage put photo\.jpg/);
  assert.doesNotMatch(text, /proxy|invite|Plain http/);
});

test("behind a proxy it says which name leads to which port, and how the first person gets in", () => {
  const text = message("https://photos.example", "https://files.example");
  assert.match(text, /https:\/\/photos\.example +your proxy leads it to port 8420 of 127\.0\.0\.1/);
  assert.match(text, /https:\/\/files\.example +your proxy leads it to port 8421 of 127\.0\.0\.1/);
  assert.match(text, /stowage user invite you@example\.com/);
  assert.doesNotMatch(text, /make an account|Plain http/);
});

test("where strangers may sign up, or people come from another issuer, it does not speak of invitations", () => {
  const origins = ["https://photos.example", "https://files.example"] as const;
  assert.match(message(...origins, { "issuer.signUp": "open" }), /make an account/);
  const other = message(...origins, { "issuer.enabled": false }, "https://login.example");
  assert.match(other, /Open https:\/\/photos\.example, sign in/);
  for (const text of [message(...origins, { "issuer.signUp": "open" }), other])
    assert.doesNotMatch(text, /invite/);
});

test("plain http beyond this machine is said aloud", () => {
  const host = { host: "0.0.0.0" };
  const text = message("http://photos.lan:8420", "http://files.lan:8421", host);
  assert.match(text, /Plain http: passwords, tokens and files cross the network/);
  assert.doesNotMatch(text, /proxy leads/);
});

test("no line ends in blanks", () => {
  for (const text of [
    message("http://localhost:1", "http://127.0.0.1:2"),
    message("https://a.example", "https://b.example"),
  ])
    assert.doesNotMatch(text, / $/m);
});

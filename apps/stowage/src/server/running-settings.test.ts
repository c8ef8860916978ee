import assert from "node:assert/strict";
import { test } from "node:test";
import { temporaryFolder } from "../cli/testing/temporary-folder.ts";
import { readConfiguration } from "./configuration.ts";
import { runningConfiguration, tellSettings } from "./running-settings.ts";

const token = "a-token-that-nobody-finds-by-trying-it";
const issuer = {
  issuer: "https://id.example",
  audience: ["stowage"],
  webClientId: "web",
  webClientSecret: "the-secret-of-the-client",
};
const given = [
  "limits.quotaBytes=0",
  "inspect.sandbox=none",
  "trustedProxies=127.0.0.1,10.0.0.0/8",
  `metrics.token=${token}`,
  `issuers=${JSON.stringify([issuer])}`,
  'profiles={"report":{"types":{"application/pdf":1000}}}',
];

test("what a server was started with is told to other commands, without its secrets", async (t) => {
  const folder = await temporaryFolder(t);
  const read = await readConfiguration(folder, given);
  const told = JSON.parse(JSON.stringify(tellSettings(read))) as Record<string, unknown>;
  assert.deepEqual(Object.keys(told).sort(), [
    "inspect.sandbox",
    "issuers",
    "limits.quotaBytes",
    "profiles",
    "trustedProxies",
  ]);
  const text = JSON.stringify(told);
  for (const secret of [token, issuer.webClientSecret]) assert.ok(!text.includes(secret), secret);
  const { values: ofFile } = await readConfiguration(folder, []);
  const { issuers, ...values } = runningConfiguration(told, ofFile);
  const { issuers: startedWith, ...expected } = read.values;
  assert.deepEqual(values, { ...expected, "metrics.token": "" });
  assert.deepEqual(
    issuers,
    startedWith.map((each) => ({ ...each, webClientSecret: "(hidden)" })),
  );
});

test("what another version told and this one does not understand has its default", async (t) => {
  const { values } = await readConfiguration(await temporaryFolder(t), []);
  const told = { "inspect.sandbox": "of-tomorrow", "limits.quotaBytes": 5, "of.tomorrow": true };
  const configuration = runningConfiguration(told, undefined);
  assert.deepEqual(configuration, { ...values, "limits.quotaBytes": 5 });
});

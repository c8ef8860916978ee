import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { readConfiguration } from "./configuration.ts";
import { SettingError } from "./setting-error.ts";

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "stowage-configuration-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test("without a file and assignments every setting has its default", async () => {
  const { values, sources } = await readConfiguration(dataDir, []);
  assert.equal(values.port, 8420);
  assert.equal(sources.get("port"), "default");
  assert.deepEqual(values.corsOrigins, []);
});

test("the command line wins over the file, the file over the default, the last over the first", async () => {
  writeFileSync(join(dataDir, "stowage.json"), JSON.stringify({ port: 9000, "limits.quotaBytes": 5 }));
  const { values, sources } = await readConfiguration(dataDir, ["port=9001", "port=9002"]);
  assert.equal(values.port, 9002);
  assert.equal(sources.get("port"), "command line");
  assert.equal(values["limits.quotaBytes"], 5);
  assert.equal(sources.get("limits.quotaBytes"), "file");
});

test("origins are a list in the file and separated by commas on the command line", async () => {
  writeFileSync(join(dataDir, "stowage.json"), JSON.stringify({ corsOrigins: ["https://a.example"] }));
  assert.deepEqual((await readConfiguration(dataDir, [])).values.corsOrigins, ["https://a.example"]);
  const { values } = await readConfiguration(dataDir, ["corsOrigins=https://b.example,https://c.example"]);
  assert.deepEqual(values.corsOrigins, ["https://b.example", "https://c.example"]);
});

test("trusted proxies are addresses and ranges of both families", async () => {
  const { values } = await readConfiguration(dataDir, [
    "trustedProxies=127.0.0.1, ::1,10.0.0.0/8,2001:db8::/128",
  ]);
  assert.deepEqual(values.trustedProxies, ["127.0.0.1", "::1", "10.0.0.0/8", "2001:db8::/128"]);
  assert.deepEqual((await readConfiguration(dataDir, ["trustedProxies="])).values.trustedProxies, []);
});

for (const [what, assignment, sentence] of [
  ["an unknown setting", "limits.quota=1", /no setting "limits\.quota"/],
  ["a name of Object's prototype", "constructor=1", /no setting "constructor"/],
  ["a number out of range", "port=70000", /port must be a whole number from 0 to 65534, not "70000"/],
  ["a number in words", "worker.concurrency=many", /worker\.concurrency must be a whole number/],
  ["a negative number", "limits.quotaBytes=-1", /limits\.quotaBytes must be/],
  ["a URL with a path", "publicUrl=https://a.example/x", /publicUrl must be an origin/],
  ["an origin with a slash at its end", "corsOrigins=https://a.example/", /corsOrigins must be origins/],
  [
    "a proxy that is no address",
    "trustedProxies=proxy.example",
    /trustedProxies must be addresses or ranges/,
  ],
  ["a range too long", "trustedProxies=10.0.0.0/33", /trustedProxies must be addresses or ranges/],
  ["everybody as a proxy", "trustedProxies=0.0.0.0/0", /trustedProxies must be addresses or ranges/],
  ["an address with a zone", "trustedProxies=fe80::1%eth0", /trustedProxies must be addresses or ranges/],
  ["a gap in a list", "trustedProxies=127.0.0.1,,::1", /trustedProxies must be addresses or ranges/],
  ["an assignment without a value", "port", /write it as KEY=VALUE/],
] as const)
  test(`refuses ${what} in a sentence`, async () => {
    await assert.rejects(readConfiguration(dataDir, [assignment]), (error) => {
      assert.ok(error instanceof SettingError);
      assert.match(error.message, sentence);
      return true;
    });
  });

const issuers = [
  { issuer: "https://a.example", audience: ["a"], webClientId: "w", webClientSecret: "s3cr3t" },
];

test("issuers are a list in the file and its JSON on the command line", async () => {
  writeFileSync(join(dataDir, "stowage.json"), JSON.stringify({ issuers, "issuer.enabled": false }));
  const ofFile = (await readConfiguration(dataDir, [])).values;
  assert.deepEqual(ofFile.issuers, issuers);
  assert.equal(ofFile["issuer.enabled"], false);
  const { values } = await readConfiguration(dataDir, ["issuers=[]", "issuer.enabled=true"]);
  assert.deepEqual([values.issuers, values["issuer.enabled"]], [[], true]);
});

test("a refused list of issuers is named by entry and member, without the secrets in it", async () => {
  const wrong = JSON.stringify([{ ...issuers[0], tokenTyp: "JWT" }]);
  writeFileSync(join(dataDir, "stowage.json"), JSON.stringify({ issuers: JSON.parse(wrong) }));
  for (const assignments of [[], [`issuers=${wrong}`], [`issuerz=${wrong}`], [`issuers=${wrong.slice(1)}`]])
    await assert.rejects(readConfiguration(dataDir, assignments), (error) => {
      assert.ok(error instanceof SettingError);
      assert.match(
        error.message,
        /issuers is wrong in entry 1 \(https:\/\/a\.example\)|issuerz|issuers must/,
      );
      assert.doesNotMatch(error.message, /s3cr3t/);
      return true;
    });
});

test("refuses a file that is not a JSON object, naming it", async () => {
  for (const content of ["{", "[]", "null", "3"]) {
    writeFileSync(join(dataDir, "stowage.json"), content);
    await assert.rejects(readConfiguration(dataDir, []), /stowage\.json/);
  }
});

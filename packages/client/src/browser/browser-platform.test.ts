import assert from "node:assert/strict";
import { test } from "node:test";
import { browserPlatform } from "./browser-client.ts";

const options = { server: "https://files.example.org", getToken: async () => "token" };

test("adapts to the network within the six connections that browsers give an origin", () => {
  assert.deepEqual(browserPlatform(options).concurrency, { min: 1, max: 6 });
});

test("has one spelling of its server, however an application writes it", () => {
  for (const server of [
    "https://files.example.org/",
    "https://FILES.example.org",
    "https://files.example.org:443//",
  ])
    assert.equal(browserPlatform({ ...options, server }).server, options.server);
  assert.equal(
    browserPlatform({ ...options, server: "http://10.0.0.7:8080/files/" }).server,
    "http://10.0.0.7:8080/files",
  );
});

test("refuses a server that is none", () => {
  assert.throws(() => browserPlatform({ ...options, server: "nonsense" }), { name: "TypeError" });
});

test("sends so many at a time as the page says", () => {
  assert.equal(browserPlatform({ ...options, concurrency: 2 }).concurrency, 2);
});

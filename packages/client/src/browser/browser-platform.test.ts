import assert from "node:assert/strict";
import { test } from "node:test";
import { browserPlatform } from "./browser-client.ts";

const options = { server: "https://files.example.org", getToken: async () => "token" };

test("adapts to the network within the six connections that browsers give an origin", () => {
  assert.deepEqual(browserPlatform(options).concurrency, { min: 1, max: 6 });
});

test("sends so many at a time as the page says", () => {
  assert.equal(browserPlatform({ ...options, concurrency: 2 }).concurrency, 2);
});

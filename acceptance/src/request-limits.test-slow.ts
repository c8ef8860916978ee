import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import type { Problem } from "./harness/wire.ts";

const perAddress = 20;
const perPerson = 5;

/** One that this machine's own connections come through, one that they don't, and one that counts people. */
let behindProxy: Server;
let alone: Server;
let people: Server;

before(async () => {
  const set = { "limits.requestsPerMinutePerAddress": perAddress };
  [behindProxy, alone, people] = await Promise.all([
    startServer({ set: { ...set, trustedProxies: "127.0.0.1" } }),
    startServer({ set: { ...set, trustedProxies: "10.0.0.0/8" } }),
    startServer({ set: { "limits.requestsPerMinute": perPerson } }),
  ]);
});
after(() => Promise.all([behindProxy.stop(), alone.stop(), people.stop()]));

const ask = (server: Server, headers: Record<string, string>) =>
  fetch(new URL("/v1/me", server.api.replace("localhost", "127.0.0.1")), { headers });

/** What each of so many requests is answered. */
async function statusesOf(count: number, send: (index: number) => Promise<{ readonly status: number }>) {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await send(index)).status);
  return statuses;
}

/** Each with another bad token: none is told from the next by what is remembered of it. */
const badToken = (index: number) => ({
  authorization: `Bearer eyJhbGciOiJSUzI1NiJ9.e30.${"A".repeat(index)}`,
});

test("bad tokens of an address are refused from its limit on, whatever addresses it writes into headers", async () => {
  const forged = ["198.51.100.1", "10.0.0.1", "127.0.0.1", "::1", "unknown", "", "10.0.0.1, 203.0.113.7"];
  const headersOf = (index: number) => ({
    ...badToken(index),
    "x-forwarded-for": forged[index % forged.length] ?? "",
    forwarded: `for=203.0.113.${index}`,
    "x-real-ip": `203.0.113.${index}`,
  });
  const statuses = await statusesOf(perAddress + 5, (index) => ask(alone, headersOf(index)));
  assert.deepEqual(statuses, [...Array(perAddress).fill(401), ...Array(5).fill(429)]);
  const refused = await ask(alone, badToken(1));
  assert.equal(((await refused.json()) as Problem).code, "rate-limited");
  const seconds = Number(refused.headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 60, `${seconds}`);
  assert.equal(refused.headers.get("ratelimit"), `"addresses";r=0;t=${seconds}`);
  assert.equal((await fetch(new URL("/healthz", alone.api))).status, 200, "it is watched all the same");
  const told = alone
    .log()
    .split("\n")
    .filter((line) => line.includes("requests of an address are refused"));
  assert.deepEqual(
    told.map((line) => JSON.parse(line).address),
    ["127.0.0.1"],
    "once, not for each",
  );
});

test("clients of a named proxy are counted apart, and one of them writes itself no other address", async () => {
  const from = (address: string, index: number) => ({ ...badToken(index), "x-forwarded-for": address });
  const flood = await statusesOf(perAddress + 2, (index) =>
    ask(behindProxy, from(`198.51.100.${index}, 203.0.113.1`, index)),
  );
  assert.deepEqual(flood, [...Array(perAddress).fill(401), 429, 429]);
  assert.equal((await ask(behindProxy, from("203.0.113.2", 0))).status, 401);
});

test("of an IPv6 client behind a named proxy all addresses of its block are one", async () => {
  const from = (index: number) => ({
    ...badToken(index),
    "x-forwarded-for": `2001:db8:1:2::${index.toString(16)}`,
  });
  const statuses = await statusesOf(perAddress + 2, (index) => ask(behindProxy, from(index)));
  assert.deepEqual(statuses.slice(-3), [401, 429, 429]);
  const other = { ...badToken(0), "x-forwarded-for": "2001:db8:1:3::1" };
  assert.equal((await ask(behindProxy, other)).status, 401);
});

test("a person who asks too much is told when to come back, on whatever route, and nobody else is", async () => {
  const [hasty, calm] = await Promise.all([addPerson(people, "hasty"), addPerson(people, "calm")]);
  const paths = ["/v1/me", "/v1/files", "/v1/uploads", "/v1/files/nothing", "/v1/me"];
  for (const [index, path] of paths.entries()) {
    const answer = await hasty.api.get(path);
    assert.notEqual(answer.status, 429, path);
    assert.match(
      answer.headers.get("ratelimit") ?? "",
      new RegExp(`^"requests";r=${perPerson - index - 1};`),
    );
  }
  const refused = await hasty.api.get<Problem>("/v1/files");
  assertProblem(refused, 429, "rate-limited");
  const seconds = Number(refused.headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 60, `${seconds}`);
  assert.equal((await calm.api.get("/v1/files")).status, 200);
});

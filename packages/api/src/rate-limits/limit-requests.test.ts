import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { anonymous, type Principal } from "@stowage/core";
import Fastify from "fastify";
import { createApiUnderTest } from "../api.testing.ts";
import type { ApiServer } from "../api-context.ts";
import { limitRequests } from "./limit-requests.ts";
import { createMemoryRateLimiter } from "./memory-rate-limiter.ts";
import type { OpenRateLimiter } from "./rate-limiter.ts";

async function start(t: TestContext, o: Parameters<typeof createApiUnderTest>[0]) {
  const api = await createApiUnderTest({
    addressOf: ({ headers }) => String(headers["x-test-address"] ?? "192.0.2.1"),
    ...o,
  });
  t.after(() => api.close());
  const get = (url: string, headers: Record<string, string> = {}) => api.server.inject({ url, headers });
  return { ...api, get };
}

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof start>>["get"]>>;

function assertRefused(answer: Answer, what: "requests" | "addresses", perMinute: number): void {
  assert.equal(answer.statusCode, 429, answer.body);
  assert.equal(answer.json().code, "rate-limited");
  const seconds = Number(answer.headers["retry-after"]);
  assert.ok(seconds >= 1 && seconds <= 60, `${seconds} seconds`);
  assert.equal(answer.headers.ratelimit, `"${what}";r=0;t=${seconds}`);
  assert.equal(answer.headers["ratelimit-policy"], `"${what}";q=${perMinute};w=60`);
}

/** As a store elsewhere answers: later. */
const later: OpenRateLimiter = (_what, perMinute) => {
  const limiter = createMemoryRateLimiter({ perMinute });
  return { take: async (key, points) => limiter.take(key, points) };
};

for (const [where, openRateLimiter] of [
  ["in memory", undefined],
  ["elsewhere", later],
] as const) {
  const counted = openRateLimiter ? { openRateLimiter } : {};

  test(`counted ${where}, a person with too many requests is refused before the body is read, and nobody else is`, async (t) => {
    const api = await start(t, { limits: { requestsPerMinute: 3 }, ...counted });
    const ann = await api.as("ann");
    const first = await api.get("/v1/me", ann);
    assert.equal(first.statusCode, 200);
    assert.match(String(first.headers.ratelimit), /^"requests";r=2;t=\d+$/);
    assert.equal((await api.get("/v1/files/nothing", ann)).statusCode, 404);
    assert.equal((await api.get("/v1/files", await api.as("ann"))).statusCode, 200);
    assertRefused(await api.get("/v1/me", ann), "requests", 3);
    const post = { method: "POST", url: "/v1/uploads", payload: "{" } as const;
    const headers = { "content-type": "application/json" };
    assertRefused(await api.server.inject({ ...post, headers: { ...headers, ...ann } }), "requests", 3);
    const bob = await api.as("bob");
    assert.equal((await api.server.inject({ ...post, headers: { ...headers, ...bob } })).statusCode, 400);
  });

  test(`counted ${where}, an address with too many requests is refused before its token is looked at, whatever it is`, async (t) => {
    const api = await start(t, { limits: { requestsPerMinutePerAddress: 4 }, ...counted });
    const ann = await api.as("ann");
    const unknownKey = `Bearer ${await api.sign({}, { kid: "unknown" })}`;
    assert.equal((await api.get("/v1/me")).statusCode, 401);
    assert.equal((await api.get("/v1/me", { authorization: "Bearer garbage" })).statusCode, 401);
    assert.equal((await api.get("/v1/nothing")).statusCode, 404);
    assert.equal((await api.get("/openapi.json")).statusCode, 200);
    const fetches = api.keyFetches.count;
    assertRefused(await api.get("/v1/me", { authorization: unknownKey }), "addresses", 4);
    assert.equal(api.keyFetches.count, fetches);
    assertRefused(await api.get("/v1/me", ann), "addresses", 4);
    const elsewhere = await api.get("/v1/me", { ...ann, "x-test-address": "192.0.2.2" });
    assert.equal(elsewhere.statusCode, 200);
  });
}

test("who watches the server is never refused", async (t) => {
  const api = await start(t, { limits: { requestsPerMinutePerAddress: 1 } });
  assert.equal((await api.get("/v1/me")).statusCode, 401);
  for (let round = 0; round < 3; round += 1) {
    assert.equal((await api.get("/healthz?a=1")).statusCode, 200);
    assert.equal((await api.get("/readyz")).statusCode, 200);
    const events = await api.server.inject({ method: "POST", url: "/v1/store-events" });
    assert.equal(events.statusCode, 401);
  }
  assertRefused(await api.get("/v1/me?healthz"), "addresses", 1);
});

test("a page of another origin gets to read when to come back", async (t) => {
  const origin = "https://app.example";
  const api = await start(t, { corsOrigins: [origin], limits: { requestsPerMinutePerAddress: 1 } });
  await api.get("/v1/me");
  const refused = await api.get("/v1/me", { origin });
  assertRefused(refused, "addresses", 1);
  assert.equal(refused.headers["access-control-allow-origin"], origin);
  assert.match(String(refused.headers["access-control-expose-headers"]), /Retry-After, RateLimit/);
});

test("nothing is counted, or said of it, where there is no limit", async (t) => {
  const open: OpenRateLimiter = (what) => assert.fail(`${what} are counted`);
  const limits = {
    createsPerMinute: 0,
    requestsPerMinute: 0,
    requestsPerMinutePerAddress: 0,
    acceptsPerMinute: 0,
  };
  const api = await start(t, { limits, openRateLimiter: open });
  const answer = await api.get("/v1/me", await api.as("ann"));
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers.ratelimit, undefined);
});

test("who has no token is counted by address alone, and of a link's callers each address by itself", async (t) => {
  const server: ApiServer = Fastify();
  t.after(() => server.close());
  const callers = new Map<unknown, Principal>([
    ["nobody", anonymous],
    ["person", { id: "ann" }],
    [
      "link",
      { id: "a-link", capability: { kind: "link", id: "c", endsAtMs: 1, target: { kind: "file", id: "f" } } },
    ],
  ]);
  limitRequests(server, {
    perMinute: 2,
    perMinutePerAddress: 0,
    openRateLimiter: (_what, perMinute) => createMemoryRateLimiter({ perMinute }),
    addressOf: ({ headers }) => String(headers["x-test-address"]),
    findCaller: ({ headers }) => callers.get(headers["x-test-caller"]),
  });
  server.get("/", async () => "");
  const granted = async (caller: string, ...addresses: string[]) => {
    const statuses: number[] = [];
    for (const address of addresses) {
      const headers = { "x-test-caller": caller, "x-test-address": address };
      statuses.push((await server.inject({ url: "/", headers })).statusCode);
    }
    return statuses.filter((status) => status === 200).length;
  };
  assert.equal(await granted("nobody", "a", "a", "a", "a"), 4);
  assert.equal(await granted("person", "a", "b", "c", "d"), 2);
  assert.equal(await granted("link", "a", "a", "a", "b", "b", "b"), 4);
});

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { Fault, FaultKind } from "./fault.ts";
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from "./start-fault-proxy.ts";
import { exchange } from "./testing/exchange.testing.ts";
import { answerBytes, startTinyTarget, type TinyTarget, targetDate } from "./testing/tiny-target.testing.ts";

let target: TinyTarget;
const proxies: FaultProxy[] = [];
before(async () => {
  target = await startTinyTarget();
});
after(async () => {
  for (const proxy of proxies) await proxy.close();
  await target.close();
});

const start = async (options: FaultProxyOptions = {}): Promise<FaultProxy> => {
  const proxy = await startFaultProxy({ target: target.url, ...options });
  proxies.push(proxy);
  return proxy;
};
const startWith = (fault: Fault | FaultKind, options: FaultProxyOptions = {}): Promise<FaultProxy> =>
  start({ decide: () => fault, ...options });

/** What the target has seen since. */
const watchTarget = () => {
  const from = target.seen.length;
  return () => target.seen.slice(from);
};

const body = randomBytes(1_000_000);

describe("a proxy without faults", () => {
  test("passes bodies, headers and answers on, Host as the client wrote it, and counts them", async () => {
    const proxy = await start();
    const seen = watchTarget();
    const posted = await exchange(`${proxy.url}/p?a=%20b`, {
      method: "POST",
      body,
      headers: { host: "files.example", "x-amz-meta-a": "ü".normalize() },
    });
    assert.deepEqual(JSON.parse(posted.body), { bodyBytes: body.length, host: "files.example" });
    assert.equal(posted.headers.date, targetDate);
    assert.equal(seen()[0]?.path, "/p?a=%20b");
    const got = await exchange(`${proxy.url}/g`);
    assert.equal(got.body.length, answerBytes);
    assert.deepEqual(
      [...proxy.stats.requests],
      [
        ["POST", 1],
        ["GET", 1],
      ],
    );
    assert.equal(proxy.stats.receivedBytes, body.length);
    assert.equal(proxy.stats.forwardedBytes, body.length);
    assert.equal(proxy.stats.answeredBytes, answerBytes + posted.body.length);
    assert.equal(proxy.stats.targetFailures, 0);
  });

  test("sends another Host where one is configured", async () => {
    const proxy = await start({ host: "configured.example" });
    const { body: told } = await exchange(proxy.url, { method: "POST" });
    assert.deepEqual(JSON.parse(told), { bodyBytes: 0, host: "configured.example" });
  });

  test("passes on an answer that comes before the body was wanted", async () => {
    const proxy = await start();
    const { status } = await exchange(`${proxy.url}/early`, { method: "PUT", body });
    assert.equal(status, 412);
    assert.equal(proxy.stats.targetFailures, 0);
  });

  test("breaks an answer where its target does, and counts that", async () => {
    const proxy = await start();
    const { error } = await exchange(`${proxy.url}/break`);
    assert.equal(error, "ECONNRESET");
    assert.equal(proxy.stats.targetFailures, 1);
  });

  test("resets where there is no target yet, and asks a new one from then on", async () => {
    const proxy = await startFaultProxy();
    proxies.push(proxy);
    assert.equal((await exchange(proxy.url)).error, "ECONNRESET");
    proxy.setTarget(target.url);
    assert.equal((await exchange(proxy.url)).status, 200);
    proxy.setTarget("http://127.0.0.1:1");
    assert.equal((await exchange(proxy.url)).error, "ECONNRESET");
    assert.equal(proxy.stats.targetFailures, 1);
  });

  test("tells its target when a client leaves in the middle of its body", async () => {
    const proxy = await start();
    const seen = watchTarget();
    const leave = new AbortController();
    const declared = { "content-length": String(body.length) };
    const left = exchange(proxy.url, { method: "PUT", headers: declared, signal: leave.signal });
    while (seen().length === 0) await new Promise(setImmediate);
    leave.abort();
    assert.equal((await left).error, "ABORT_ERR");
    assert.equal(await seen()[0]?.ended, "broken");
  });
});

describe("faults on the way", () => {
  test("drop: the connection ends, and the target hears nothing", async () => {
    const proxy = await startWith("drop");
    const seen = watchTarget();
    const { status, error } = await exchange(proxy.url, { method: "PUT", body });
    assert.equal(status, undefined);
    assert.match(String(error), /ECONNRESET|EPIPE/);
    assert.deepEqual(seen(), []);
    assert.deepEqual([...proxy.stats.faults], [["drop", 1]]);
  });

  for (const [what, afterBytes, arrives] of [
    ["so many bytes", 300_000, 300_000],
    ["half of them", undefined, body.length / 2],
    ["all but one at most", 2 * body.length, body.length - 1],
  ] as const)
    test(`reset: ${what} reach the target, then both connections are reset`, async () => {
      const proxy = await startWith({ kind: "reset", ...(afterBytes && { afterBytes }) });
      const seen = watchTarget();
      const { status, error } = await exchange(proxy.url, { method: "PUT", body });
      assert.equal(status, undefined);
      assert.match(String(error), /ECONNRESET|EPIPE/);
      assert.equal(await seen()[0]?.ended, "broken");
      assert.equal(proxy.stats.forwardedBytes, arrives);
      assert.ok((seen()[0]?.bodyBytes ?? 0) <= arrives);
      assert.equal(proxy.stats.targetFailures, 0);
    });

  test("commit-then-reset: the target has it all, the client no answer", async () => {
    const proxy = await startWith("commit-then-reset");
    const seen = watchTarget();
    const { status, error } = await exchange(proxy.url, { method: "PUT", body });
    assert.deepEqual([status, error], [undefined, "ECONNRESET"]);
    assert.equal(seen()[0]?.bodyBytes, body.length);
    assert.equal(await seen()[0]?.ended, "whole");
  });

  test("stall: so many bytes of a body, then nothing, and the connection stays", async () => {
    const proxy = await startWith({ kind: "stall", afterBytes: 1000 });
    const seen = watchTarget();
    const leave = new AbortController();
    const stalled = exchange(proxy.url, {
      method: "PUT",
      body: body.subarray(0, 5000),
      signal: leave.signal,
    });
    while (seen()[0]?.bodyBytes !== 1000) await new Promise(setImmediate);
    assert.equal(proxy.stats.forwardedBytes, 1000);
    leave.abort();
    assert.equal((await stalled).error, "ABORT_ERR");
    assert.equal(await seen()[0]?.ended, "broken");
  });

  test("stall: half of an answer where the request has no body", async () => {
    const proxy = await startWith("stall");
    const leave = new AbortController();
    let came = 0;
    const stalled = exchange(proxy.url, {
      signal: leave.signal,
      onAnswer: (bytes) => {
        came += bytes;
      },
    });
    while (came < answerBytes / 2) await new Promise(setImmediate);
    leave.abort();
    const { body: half, error } = await stalled;
    assert.deepEqual([half.length, error], [answerBytes / 2, "ABORT_ERR"]);
  });

  test("slow: both ways at the rate that was asked for", async () => {
    const proxy = await startWith({ kind: "slow", bytesPerSecond: 1_000_000 });
    const seen = watchTarget();
    const startedAt = performance.now();
    await exchange(proxy.url, { method: "PUT", body: body.subarray(0, 200_000) });
    const sentMs = performance.now() - startedAt;
    await exchange(proxy.url);
    const gotMs = performance.now() - startedAt - sentMs;
    assert.equal(seen()[0]?.bodyBytes, 200_000);
    assert.ok(sentMs >= 195, `sent in ${sentMs} ms`);
    assert.ok(gotMs >= 95, `got in ${gotMs} ms`);
  });

  test("truncated: half of the answer, then a reset", async () => {
    const proxy = await startWith("truncated");
    const got = await exchange(proxy.url);
    assert.deepEqual([got.status, got.body.length, got.error], [200, answerBytes / 2, "ECONNRESET"]);
    const put = await exchange(proxy.url, { method: "PUT", body });
    assert.equal(put.status, undefined);
    assert.match(String(put.error), /ECONNRESET|HPE_INVALID_EOF_STATE/);
  });

  test("clock-skew: the answer's Date is off, either way", async () => {
    const ahead = await exchange((await startWith("clock-skew")).url);
    assert.equal(ahead.headers.date, "Fri, 27 Nov 2026 12:00:00 GMT");
    const behind = await exchange((await startWith({ kind: "clock-skew", shiftSeconds: -86_400 })).url);
    assert.equal(behind.headers.date, "Wed, 25 Nov 2026 12:00:00 GMT");
  });
});

describe("answers of its own", () => {
  const origin = "https://app.example";
  for (const [speaks, fault, status, pattern, headers] of [
    ["s3", "503", 503, /<Code>SlowDown<\/Code>/, {}],
    ["api", "503", 503, /"code":"unavailable"/, { "retry-after": "1" }],
    ["s3", { kind: "429", retryAfterSeconds: 7 }, 429, /<Error>/, { "retry-after": "7" }],
    ["api", { kind: "429", retryAfterSeconds: 7 }, 429, /"code":"rate-limited"/, { "retry-after": "7" }],
    ["s3", "expired", 403, /<Code>AccessDenied<\/Code><Message>Request has expired</, {}],
    ["api", "expired", 401, /"code":"unauthenticated"/, {}],
  ] as const)
    test(`${typeof fault === "string" ? fault : fault.kind} in the words of ${speaks}, once the body was heard, with CORS`, async () => {
      const proxy = await startWith(fault, { speaks });
      const seen = watchTarget();
      const answer = await exchange(proxy.url, { method: "PUT", body, headers: { origin } });
      assert.equal(answer.status, status);
      assert.match(answer.body, pattern);
      assert.equal(answer.headers["access-control-allow-origin"], origin);
      assert.match(String(answer.headers["access-control-expose-headers"]), /Retry-After/);
      for (const [name, value] of Object.entries(headers)) assert.equal(answer.headers[name], value);
      assert.deepEqual(seen(), []);
      assert.equal(proxy.stats.receivedBytes, body.length);
      assert.equal(proxy.stats.forwardedBytes, 0);
    });

  test("portal: 200 with HTML, of which a page of another origin may read nothing", async () => {
    const proxy = await startWith("portal", { speaks: "s3" });
    const answer = await exchange(proxy.url, { method: "PUT", body, headers: { origin } });
    assert.deepEqual([answer.status, answer.headers["content-type"]], [200, "text/html; charset=utf-8"]);
    assert.match(answer.body, /^<!doctype html>/);
    assert.equal(answer.headers["access-control-allow-origin"], undefined);
  });
});

describe("plans", () => {
  test("are asked with what was declared, preflights left alone", async () => {
    const asked: unknown[] = [];
    const proxy = await start({
      name: "bucket",
      decide: ({ headers: _, ...request }) => {
        asked.push(request);
        return undefined;
      },
    });
    const preflight = { origin: "https://app.example", "access-control-request-method": "PUT" };
    const { status } = await exchange(proxy.url, { method: "OPTIONS", headers: preflight });
    assert.equal(status, 204);
    await exchange(`${proxy.url}/k?x=1`, { method: "PUT", body });
    await exchange(proxy.url);
    const shared = { proxy: "bucket", speaks: "api" };
    assert.deepEqual(asked, [
      { ...shared, index: 0, method: "PUT", path: "/k?x=1", bodyBytes: body.length },
      { ...shared, index: 1, method: "GET", path: "/", bodyBytes: undefined },
    ]);
    assert.equal(proxy.stats.requests.get("OPTIONS"), 1);
  });
});

test("tells of each request whether its client has the whole answer", async () => {
  const ends: [path: string, isAnswered: boolean][] = [];
  const proxy = await start({
    decide: ({ path }) => (path === "/stall" ? "stall" : path === "/503" ? "503" : undefined),
    onEnd: ({ path }, isAnswered) => ends.push([path, isAnswered]),
  });
  await exchange(`${proxy.url}/whole`, { method: "PUT", body });
  await exchange(`${proxy.url}/503`, { method: "PUT", body });
  const seen = watchTarget();
  const leave = new AbortController();
  const sent = { method: "PUT", body: body.subarray(0, 5000), signal: leave.signal };
  const stalled = exchange(`${proxy.url}/stall`, sent);
  while (seen().length === 0) await new Promise(setImmediate);
  leave.abort();
  await stalled;
  while (ends.length < 3) await new Promise(setImmediate);
  assert.deepEqual(ends, [
    ["/whole", true],
    ["/503", true],
    ["/stall", false],
  ]);
});

describe("offline", () => {
  test("resets what is open and what comes, until it is online again", async () => {
    const proxy = await startWith("stall");
    const seen = watchTarget();
    const open = exchange(proxy.url, { method: "PUT", body });
    while (seen().length === 0) await new Promise(setImmediate);
    proxy.offline();
    assert.match(String((await open).error), /ECONNRESET|EPIPE/);
    assert.match(String((await exchange(proxy.url)).error), /ECONNRESET/);
    assert.equal(proxy.stats.refusedConnections, 2);
    assert.equal(await seen()[0]?.ended, "broken");
    proxy.online();
    const healed = await start();
    assert.equal((await exchange(healed.url)).status, 200);
  });

  test("comes and goes by windows from its start", async () => {
    const proxy = await start({ offlineWindows: [{ fromMs: 0, untilMs: 300 }] });
    const startedAt = performance.now();
    let refused = 0;
    while ((await exchange(proxy.url)).status !== 200) {
      if (performance.now() - startedAt > 1) refused += 1;
      await new Promise(setImmediate);
    }
    assert.ok(refused > 0);
    assert.ok(performance.now() - startedAt >= 250);
  });
});

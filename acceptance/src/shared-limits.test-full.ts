import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "./harness/free-ports.ts";
import { makeFolder, runCli } from "./harness/run-cli.ts";
import { noteSecret } from "./harness/run-record.ts";
import { type Server, startServer } from "./harness/start-server.ts";

const perAddress = 10;
const password = "the-password-of-a-cache";

/** A Redis of the test's own, which keeps nothing. */
async function startRedis(t: TestContext) {
  const [port] = await freePorts(1);
  const options = { port: `${port}`, bind: "127.0.0.1", save: "", requirepass: password };
  const args = Object.entries(options).flatMap(([key, value]) => [`--${key}`, value]);
  const redis = spawn("redis-server", args, { stdio: "ignore", cwd: await makeFolder("redis") });
  t.after(() => redis.kill("SIGKILL"));
  await once(redis, "spawn");
  const ping = ["-p", `${port}`, "--no-auth-warning", "-a", password, "-e", "ping"];
  for (let tries = 0; spawnSync("redis-cli", ping, { stdio: "ignore" }).status !== 0; tries += 1) {
    assert.ok(tries < 200, "redis-server answers");
    await delay(50);
  }
  return { url: `redis://:${password}@127.0.0.1:${port}`, redis };
}

/** What each of the servers answers to a client at that address. */
async function statusesOf(servers: readonly Server[], address: string): Promise<number[]> {
  const statuses: number[] = [];
  for (const { api } of servers) {
    const url = new URL("/v1/me", api.replace("localhost", "127.0.0.1"));
    statuses.push((await fetch(url, { headers: { "x-forwarded-for": address } })).status);
  }
  return statuses;
}

test("two servers count together in one Redis, say nothing of its password, and go on without it", async (t) => {
  noteSecret("a cache's password", password);
  const { url, redis } = await startRedis(t);
  const servers = await Promise.all(
    ["one", "other"].map(async (name) => {
      const dataDir = await makeFolder(name);
      await writeFile(join(dataDir, "stowage.json"), JSON.stringify({ "limits.store": url }));
      return startServer({
        dataDir,
        set: { "limits.requestsPerMinutePerAddress": perAddress, trustedProxies: "127.0.0.1" },
      });
    }),
  );
  t.after(() => Promise.all(servers.map((server) => server.stop())));
  const [one] = servers;
  assert.ok(one);

  const turns = Array.from({ length: perAddress / 2 + 1 }, () => servers).flat();
  const statuses = await statusesOf(turns, "203.0.113.1");
  assert.deepEqual(statuses, [...Array(perAddress).fill(401), 429, 429]);
  const config = await runCli(["config", "--data", one.dataDir]);
  assert.match(config.stdout, /limits\.store = \(set\)/);
  const before = await runCli(["doctor", "--json", "--data", one.dataDir]);
  assert.match(before.stdout, /"rate-limit-store","status":"ok"/);

  redis.kill("SIGKILL");
  await once(redis, "exit");
  assert.deepEqual(await statusesOf(servers, "203.0.113.2"), [401, 401], "each counts by itself");
  const after = await runCli(["doctor", "--json", "--data", one.dataDir]);
  assert.match(after.stdout, /"rate-limit-store","status":"warning"/);
  for (const { log } of servers) assert.equal(log().split("limits.store does not answer").length, 2, log());
  for (const text of [config.stdout, before.stdout, after.stdout, ...servers.map(({ log }) => log())])
    assert.ok(!text.includes(password));
});

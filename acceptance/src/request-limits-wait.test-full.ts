import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { addPerson } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { startServer } from "./harness/start-server.ts";

test("who waits for as long as Retry-After says is answered again, with the whole allowance", async (t) => {
  const server = await startServer({ set: { "limits.requestsPerMinute": 2 } });
  t.after(() => server.stop());
  const { api } = await addPerson(server);
  for (let asked = 0; asked < 2; asked += 1) assert.equal((await api.get("/v1/me")).status, 200);
  const refused = await api.get("/v1/me");
  assertProblem(refused, 429, "rate-limited");
  const seconds = Number(refused.headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 60, `${seconds}`);
  await delay(seconds * 1000);
  const answered = await api.get("/v1/me");
  assert.equal(answered.status, 200);
  assert.match(answered.headers.get("ratelimit") ?? "", /^"requests";r=1;/);
});

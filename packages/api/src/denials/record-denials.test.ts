import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditEventRecord, NewAuditEvent } from "@stowage/core";
import { type ApiUnderTest, createApiUnderTest, intentOf } from "../api.testing.ts";

interface Denied {
  readonly actor: string;
  readonly route: string;
  readonly kind: string;
  readonly count: number;
}

/** What was denied, as the audit has it once the server has closed, in any order of its own. */
async function deniedAtClose({ close, services }: ApiUnderTest): Promise<Denied[]> {
  await close();
  const events = await services.metadata.listAuditEvents({ afterSequence: 0, limit: 5_000 });
  return events.filter(({ action }) => action === "access.denied").map(deniedOf);
}

const deniedOf = ({ actor, targetId, detail = "" }: AuditEventRecord): Denied => ({
  actor,
  route: targetId,
  ...(JSON.parse(detail) as { kind: string; count: number }),
});

test("what is there and may not be seen, and what is not there, are counted as one, without an id", async () => {
  const api = await createApiUnderTest();
  const [ann, bob] = [await api.as("ann"), await api.as("bob")];
  const get = (url: string, headers = bob) => api.server.inject({ url, headers });
  const payload = { files: [intentOf(Buffer.from("a"))] };
  const created = await api.server.inject({ method: "POST", url: "/v1/uploads", headers: ann, payload });
  const { id } = created.json().items[0].upload;
  for (const url of [`/v1/uploads/${id}`, "/v1/uploads/none", "/v1/uploads/none"])
    assert.equal((await get(url)).statusCode, 404);
  const { id: bobId } = (await get("/v1/me")).json();
  assert.deepEqual(await deniedAtClose(api), [
    { actor: bobId, route: "GET /v1/uploads/:id", kind: "not-found", count: 3 },
  ]);
});

test("who lacks a scope is known; who has no token, or a bad one, is anonymous, whatever their address", async () => {
  const api = await createApiUnderTest();
  const sender = await api.as("ann", "uploads:write");
  const get = (url: string, headers: { authorization?: string } = {}) => api.server.inject({ url, headers });
  assert.equal((await get("/v1/files", sender)).statusCode, 403);
  assert.equal((await get("/v1/files")).statusCode, 401);
  assert.equal((await get("/v1/files", { authorization: "Bearer x.y.z" })).statusCode, 401);
  const { id } = (await get("/v1/me", sender)).json();
  const denied = await deniedAtClose(api);
  assert.deepEqual(denied, [
    { actor: id, route: "GET /v1/files", kind: "forbidden", count: 1 },
    { actor: "anonymous", route: "GET /v1/files", kind: "unauthenticated", count: 2 },
  ]);
});

test("each item of a batch that is denied counts, whether others are answered or not", async () => {
  const api = await createApiUnderTest();
  const bob = await api.as("bob");
  const ask = (ids: readonly string[]) =>
    api.server.inject({
      method: "POST",
      url: "/v1/uploads/complete",
      headers: bob,
      payload: { ids },
    });
  await ask(["a", "b"]);
  const payload = { files: [intentOf(Buffer.from("a"))] };
  const created = await api.server.inject({ method: "POST", url: "/v1/uploads", headers: bob, payload });
  await ask([created.json().items[0].upload.id, "c", "d"]);
  const denied = await deniedAtClose(api);
  assert.deepEqual(
    denied.map(({ route, kind, count }) => ({ route, kind, count })),
    [{ route: "POST /v1/uploads/complete", kind: "not-found", count: 4 }],
  );
});

test("addresses without a route count as one, and pages of people not at all", async () => {
  const api = await createApiUnderTest();
  for (const url of ["/v1/no", "/v1/such/thing", "/index.php", "/favicon.ico"])
    assert.equal((await api.server.inject({ url })).statusCode, 404);
  assert.deepEqual(await deniedAtClose(api), [
    { actor: "anonymous", route: "unknown", kind: "not-found", count: 2 },
  ]);
});

test("what is done, and what is refused for other reasons, is no denial", async () => {
  const api = await createApiUnderTest({ limits: { quotaBytes: 1 } });
  const ann = await api.as("ann");
  assert.equal((await api.server.inject({ url: "/v1/files", headers: ann })).statusCode, 200);
  assert.equal((await api.server.inject({ url: "/v1/files?limit=0", headers: ann })).statusCode, 400);
  const payload = { files: [intentOf(Buffer.from("abc"))] };
  const full = await api.server.inject({ method: "POST", url: "/v1/uploads", headers: ann, payload });
  assert.equal(full.statusCode, 403);
  assert.deepEqual(await deniedAtClose(api), []);
});

test("a flood of strangers takes one event a kind and route, and one of many people is written as it comes", async () => {
  const api = await createApiUnderTest({ limits: { requestsPerMinutePerAddress: 0 } });
  let writes = 0;
  const { addAuditEvents } = api.services.metadata;
  Object.assign(api.services.metadata, {
    addAuditEvents: (events: readonly NewAuditEvent[]) => {
      writes += 1;
      return addAuditEvents(events);
    },
  });
  for (let index = 0; index < 3_000; index += 1)
    await api.server.inject({
      url: `/v1/uploads/${index}`,
      headers: { "x-forwarded-for": `10.0.0.${index}` },
    });
  const many = 1_200;
  for (let index = 0; index < many; index += 1)
    await api.server.inject({ url: "/v1/uploads/none", headers: await api.as(`person-${index}`) });
  assert.equal(writes, 1, "not at each, and not only at the end");
  const denied = await deniedAtClose(api);
  assert.equal(writes, 2);
  const [anonymous, ...people] = denied;
  assert.equal(anonymous?.count, 3_000);
  assert.equal(people.length, many);
  assert.equal(new Set(people.map(({ actor }) => actor)).size, many);
});

test("what can't be written is written later, with what came since", async () => {
  const api = await createApiUnderTest();
  const { addAuditEvents } = api.services.metadata;
  let failures = 1;
  Object.assign(api.services.metadata, {
    addAuditEvents: async (events: readonly NewAuditEvent[]) => {
      if (failures > 0) {
        failures -= 1;
        throw new Error("The database can't be used right now.");
      }
      return addAuditEvents(events);
    },
  });
  await api.server.inject({ url: "/v1/files" });
  assert.deepEqual(await deniedAtClose(api), [
    { actor: "anonymous", route: "GET /v1/files", kind: "unauthenticated", count: 1 },
  ]);
});

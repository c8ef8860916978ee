import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { test } from "node:test";
import { createApi } from "../harness/api-client.ts";
import type { Server } from "../harness/start-server.ts";
import { waitFor } from "../harness/wait-for.ts";
import type { Page } from "../harness/wire.ts";
import { askAs, told } from "./asking.ts";
import type { Viewer } from "./people.ts";
import { admitted, type GetWorld, isNobody, isTurnedAway } from "./suite.ts";

/** What is left of what was done: audit, metrics, log. And what only operators do, and what ends a token. */
export function describeTraces(world: GetWorld, server: () => Server): void {
  const hidden = () => world().files.flatMap(({ name, ownersMarks }) => [name, ...ownersMarks]);

  test("broken glass is for operators alone, and tells others nothing", async () => {
    const json = { reason: "Nobody may do this who is no operator." };
    for (const viewer of world().viewers.filter(({ scope }) => !scope?.includes("operations:read"))) {
      const ask = (id: string) =>
        askAs(viewer, world().files, { method: "POST", path: `/v1/files/${id}/break-glass`, json });
      const missing = randomUUID();
      const ofNothing = told(await ask(missing), missing);
      assert.ok(isTurnedAway(ofNothing.status, ofNothing.text), viewer.name);
      for (const { id, what } of world().files) assert.deepEqual(told(await ask(id), id), ofNothing, what);
    }
  });

  test("an invite is told to whose address it names alone", async () => {
    for (const viewer of world().viewers)
      for (const [method, suffix] of [
        ["POST", "/accept"],
        ["DELETE", ""],
      ] as const) {
        const ask = async (id: string) =>
          told(await askAs(viewer, world().files, { method, path: `/v1/invites/${id}${suffix}` }), id);
        const there = await ask(world().inviteId);
        assert.deepEqual(there, await ask(randomUUID()), viewer.name);
        assert.ok(there.status === 404 || isTurnedAway(there.status, there.text), viewer.name);
      }
  });

  test("people are found by those of their organisation alone", async () => {
    let found = 0;
    for (const viewer of admitted(world())) {
      const { body, status } = await viewer.api.get<Page<{ id: string }>>("/v1/users?q=people&limit=200");
      if (viewer.cameBy) continue;
      assert.equal(status, 200, viewer.name);
      const colleagues = world().viewers.flatMap(({ userId, organisation }) =>
        userId !== undefined && organisation !== undefined && organisation === viewer.organisation
          ? [userId]
          : [],
      );
      const ids = new Set(body.items.map(({ id }) => id));
      found += ids.size;
      for (const { userId = "", name } of world().viewers)
        assert.ok(!ids.has(userId) || colleagues.includes(userId), `${viewer.name} finds ${name}`);
    }
    assert.ok(found > 0, "nobody is found by anybody");
  });

  test("a link that is good for nothing is told as one that nobody made", async () => {
    for (const viewer of world().viewers.filter(({ isRefused }) => !isRefused)) {
      const open = async (token: string) =>
        told(
          await askAs(viewer, world().files, { method: "POST", path: "/v1/links/open", json: { token } }),
          token,
        );
      const ofNothing = await open(randomBytes(32).toString("base64url"));
      assert.equal(ofNothing.status, 404, viewer.name);
      for (const token of world().deadLinkTokens) assert.deepEqual(await open(token), ofNothing, viewer.name);
    }
  });

  test("an invite to an album that nobody made is nothing, with a token or without", async () => {
    for (const viewer of world().viewers.filter(({ isRefused }) => !isRefused)) {
      const json = { token: randomBytes(32).toString("base64url"), name: "Somebody" };
      const answer = await askAs(viewer, world().files, { method: "POST", path: "/v1/invites/accept", json });
      assert.ok([403, 404].includes(answer.status), `${viewer.name}: ${answer.status}`);
      const { token } = json;
      const preview = { method: "POST", path: "/v1/invites/preview", json: { token } } as const;
      assert.equal((await askAs(viewer, world().files, preview)).status, 404, viewer.name);
    }
  });

  test("no operator breaks a seal, or what is not there", async () => {
    const json = { reason: "Not even an operator may." };
    for (const viewer of world().viewers.filter(({ scope }) => scope?.includes("operations:read")))
      for (const { id, what, state } of [
        ...world().files.filter((file) => file.state === "sealed" || file.state === "none"),
        { id: randomUUID(), what: "nothing", state: "none" },
      ]) {
        const path = `/v1/files/${id}/break-glass`;
        const { status } = await askAs(viewer, world().files, { method: "POST", path, json });
        assert.equal(status, 404, `${what} (${state}) by ${viewer.name}`);
      }
  });

  test("what was done is told whole to whose scope says so alone, in ids, and nothing of what is sealed", async () => {
    const sealed = world().files.filter(({ state }) => state === "sealed");
    for (const viewer of world().viewers)
      for (const query of ["limit=200", `limit=200&actorId=${world().owner.userId}`]) {
        const answer = await askAs(viewer, [], { method: "GET", path: `/v1/audit?${query}` });
        const isOperator = viewer.scope?.includes("audit:read");
        const asked = `${query} by ${viewer.name}: ${answer.text.slice(0, 200)}`;
        assert.equal(answer.status, isOperator ? 200 : isNobody(viewer) ? 401 : 403, asked);
        for (const mark of hidden()) assert.ok(!answer.text.includes(mark), mark);
        for (const { id } of sealed) assert.ok(!answer.text.includes(id), `${asked} tells of a sealed file`);
        if (isOperator) assert.ok(answer.text.includes(world().owner.userId));
      }
  });

  for (const [method, path, json] of [
    ["POST", "/v1/me/sign-out-everywhere", undefined],
    ["DELETE", "/v1/me", { confirm: "delete everything" }],
  ] as const)
    test(`${method} ${path} ends whoever asks for it, and nobody else`, async () => {
      const request = { method, path, ...(json ? { json } : {}) };
      for (const viewer of world().viewers.filter(isNobody))
        assert.equal((await askAs(viewer, world().files, request)).status, 401, viewer.name);
      const leaving = await world().addPerson();
      const answer = await askAs(leaving, world().files, request);
      assert.ok(answer.status < 300, answer.text);
      const ended = await waitFor("the token to end", async () => {
        const { status } = await leaving.api.get("/v1/me");
        return status !== 200 && status;
      });
      assert.ok(ended === 401 || ended === 403, `${ended}`);
      for (const { api, name, cameBy, isProgram } of admitted(world()))
        if (!cameBy && !isProgram) assert.equal((await api.get("/v1/me")).status, 200, name);
    });

  test("a profile is changed by its person alone, who signed in as such", async () => {
    const change = (viewer: Viewer, headers = {}) =>
      viewer.api.send<{ name?: string }>("PATCH", "/v1/me", { json: { name: "Somebody" }, headers });
    const wanted = ["files:read", "files:write", "uploads:write"];
    for (const viewer of world().viewers) {
      const mayAsk = !viewer.isProgram && wanted.every((scope) => viewer.scope?.split(" ").includes(scope));
      const answer = await change(viewer);
      assert.equal(
        answer.status,
        isNobody(viewer) ? 401 : mayAsk ? 428 : 403,
        `${viewer.name} ${answer.text}`,
      );
    }
    const changing = await world().addPerson();
    assert.equal((await change(changing, { "if-match": "*" })).body.name, "Somebody");
    for (const { api, name, cameBy, isProgram } of admitted(world()))
      if (!cameBy && !isProgram)
        assert.notEqual((await api.get<{ name?: string }>("/v1/me")).body.name, "Somebody", name);
  });

  test("a token is taken back by who minted it alone, and no program mints, lists or takes back any", async () => {
    const { tokenIds, owner, viewers, files } = world();
    for (const viewer of viewers.filter((one) => one !== owner)) {
      const revoke = async (id: string) =>
        told(await askAs(viewer, files, { method: "DELETE", path: `/v1/tokens/${id}` }), id);
      const ofNothing = await revoke(randomUUID());
      const isPerson = !isNobody(viewer) && !viewer.cameBy && !viewer.isProgram;
      assert.equal(ofNothing.status, isNobody(viewer) ? 401 : isPerson ? 404 : 403, viewer.name);
      for (const id of tokenIds) assert.deepEqual(await revoke(id), ofNothing, viewer.name);
      for (const method of ["GET", "POST"]) {
        const { status, text } = await askAs(viewer, files, { method, path: "/v1/tokens" });
        for (const id of tokenIds) assert.ok(!text.includes(id), viewer.name);
        if (!isPerson && !isNobody(viewer)) assert.equal(status, 403, viewer.name);
      }
    }
    const listed = await askAs(owner, files, { method: "GET", path: "/v1/tokens?limit=200" });
    for (const id of tokenIds) assert.ok(listed.text.includes(id));
  });

  test("metrics and the log name no file and nobody", async () => {
    const { text } = await createApi(server().api).get("/metrics");
    assert.match(text, /^stowage_/m);
    const people = world().viewers.flatMap(({ userId }) => userId ?? []);
    const ids = [
      ...world().files.flatMap(({ id, uploadId }) => [id, uploadId]),
      ...world().albums.map(({ id }) => id),
    ];
    for (const secret of [...ids, ...people, ...hidden()]) assert.ok(!text.includes(secret), secret);
    const log = server().log();
    for (const mark of hidden()) assert.ok(!log.includes(mark), `the log tells "${mark}"`);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "../harness/api-client.ts";
import type { Server } from "../harness/start-server.ts";
import { waitFor } from "../harness/wait-for.ts";
import { askAs } from "./asking.ts";
import { admitted, type GetWorld, isNobody } from "./suite.ts";

/** What is left of what was done: audit, metrics, log. And what only operators do, and what ends a token. */
export function describeTraces(world: GetWorld, server: () => Server): void {
  const hidden = () => world().files.flatMap(({ name, ownersMarks }) => [name, ...ownersMarks]);

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
      for (const { api, name, cameBy } of admitted(world()))
        if (!cameBy) assert.equal((await api.get("/v1/me")).status, 200, name);
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

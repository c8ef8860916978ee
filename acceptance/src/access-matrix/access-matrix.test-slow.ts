// Every route × everybody × everything there is, held to the rule in rule.ts. A route joins by being in /openapi.json: one that
// operations.ts does not classify fails.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createApi } from "../harness/api-client.ts";
import { operationsOf } from "../harness/documented-answers.ts";
import type { Json } from "../harness/json-schema.ts";
import { describeArchives } from "./archives.ts";
import { describeBytes } from "./bytes.ts";
import { describeLists } from "./lists.ts";
import { sinks } from "./operations.ts";
import { startWorldServer, type WorldServer } from "./start-world-server.ts";
import { describeThings } from "./things.ts";
import { describeTraces } from "./traces.ts";
import { makeWorld, revealEverything, type World } from "./world.ts";

let server: WorldServer;
let world: World;

before(async () => {
  server = await startWorldServer();
  world = await makeWorld(server);
});
after(() => server.stop());

test("every operation of the document is classified, and nothing else is", async () => {
  const { body } = await createApi(server.api).get<Json>("/openapi.json");
  assert.deepEqual([...operationsOf(body).keys()].sort(), [...sinks.keys()].sort());
});

describeThings(() => world);
describeLists(() => world);
describeBytes(() => world);
describeArchives(() => world);
describeTraces(
  () => world,
  () => server,
);

test("after all of that everything is as it was to whose it is", async () => {
  for (const file of world.files) {
    const owner = world.viewers.find(({ userId }) => userId === file.ownerId);
    assert.ok(owner);
    const { status, body } = await owner.api.get<{ state: string }>(`/v1/files/${file.id}`);
    const isThere = file.state !== "sealed" && file.state !== "none";
    assert.equal(status === 200 ? body.state : String(status), isThere ? file.state : "404", file.what);
  }
});

const isFull = process.env.STOWAGE_TEST_LEVEL === "full";

// It is decided by the same rule: while working, before the reveal is enough.
describe("after the reveal of what was sealed", { skip: isFull ? false : "it is of the full suite" }, () => {
  before(async () => {
    world = await revealEverything(world);
  });
  describeThings(() => world);
  describeLists(() => world);
  describeBytes(() => world);
  describeArchives(() => world, { exports: false });
});

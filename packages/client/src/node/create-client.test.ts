import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ScriptedServerOptions, startScriptedServer } from "../testing/index.contract.ts";
import { createClient, type NodeClientOptions } from "./create-client.ts";
import { nodeSource } from "./node-source.ts";

async function setUp(t: TestContext, fault?: ScriptedServerOptions["fault"]) {
  const directory = await mkdtemp(join(tmpdir(), "stowage-node-client-"));
  const server = await startScriptedServer({ ...(fault && { fault }) });
  t.after(async () => {
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });
  const open = (more: Partial<NodeClientOptions> = {}) =>
    createClient({ server: server.url, getToken: async () => "token", directory, maxAttempts: 1, ...more });
  const file = async (name: string) => {
    const path = join(directory, name);
    await writeFile(path, `the bytes of ${name}`);
    return nodeSource(path, { contentType: "image/jpeg" });
  };
  return { server, directory, open, file };
}

test("sends what it is given, and says how it ended", async (t) => {
  const { server, open, file } = await setUp(t);
  const client = open();
  const [upload] = client.uploads.add([await file("a.jpg")]);
  const end = await upload?.result();
  assert.equal(end?.state, "ready");
  assert.equal(upload?.progress.fraction, 1);
  assert.equal(server.store.storedCount(), 1);
  client.close();
});

test("sends all the same, and says that it is not kept, where its folder can't be used", async (t) => {
  const { server, file } = await setUp(t);
  const source = await file("a.jpg");
  const client = createClient({
    server: server.url,
    getToken: async () => "token",
    person: "ann",
    directory: join(source.absolutePath, "queue"),
  });
  t.after(() => client.close());
  const [upload] = client.uploads.add([source]);
  const problems = new Set<string | undefined>();
  upload?.on("change", ({ problem }) => problems.add(problem?.code));
  assert.equal((await upload?.result())?.state, "ready");
  assert.equal(client.uploads.isDurable, false);
  assert.ok(problems.has("not-kept"));
});

test("refuses what is no file, and adds nothing of what comes with it", async (t) => {
  const { open, file } = await setUp(t);
  const client = open();
  t.after(() => client.close());
  const good = await file("a.jpg");
  // As programs do that no compiler has seen: a promise that was not awaited, a path, nothing.
  for (const bad of [Promise.resolve(good), "/etc/hosts", null, { ...good, sizeBytes: Number.NaN }])
    assert.throws(() => client.uploads.add([good, bad as typeof good]), {
      name: "TypeError",
      message: /Number 2 .* is no file/,
    });
  assert.deepEqual(client.uploads.list(), []);
});

test("finds in the next program what is unsent, however that one writes the server", async (t) => {
  const { server, directory, file } = await setUp(t, () => "reset");
  const open = (origin: string) =>
    createClient({ server: origin, getToken: async () => "token", person: "ann", directory, maxAttempts: 1 });
  const first = open(server.url);
  first.uploads.add([await file("a.jpg")]);
  await first.uploads.whenStored();
  first.close();
  const second = open(`${server.url.toUpperCase()}/`);
  t.after(() => second.close());
  await new Promise<void>((resolve) => {
    const look = () => second.uploads.unsent() === 1 && resolve();
    second.uploads.subscribe(look);
    look();
  });
});

test("goes on in the next program with what the one before has left", async (t) => {
  const { server, open, file } = await setUp(t);
  const first = open();
  first.uploads.add([await file("a.jpg")], { metadata: { report: "7" } });
  await first.uploads.whenStored();
  first.close();
  const second = open();
  await new Promise<void>((resolve) => {
    const look = () => second.uploads.getSnapshot().totals.ready === 1 && resolve();
    second.uploads.subscribe(look);
    look();
  });
  assert.deepEqual(
    [...server.uploads.values()].map(({ state, intent }) => [state, intent.metadata]),
    [["ready", { report: "7" }]],
  );
  second.close();
});

test("deletes what another program has left, by a sign-out in the moment of its start too", async (t) => {
  const { server, open, file } = await setUp(t);
  const first = open({ person: "ann", getToken: async () => undefined });
  first.uploads.add([await file("a.jpg")]);
  await first.uploads.whenStored();
  first.close();
  await open({ person: "ann" }).signOut({ unsent: "delete" });
  const third = open({ person: "ann" });
  await third.uploads.add([await file("b.jpg")])[0]?.result();
  await third.uploads.whenIdle();
  assert.deepEqual(
    third.uploads.getSnapshot().items.map(({ name, state }) => [name, state]),
    [["b.jpg", "ready"]],
  );
  assert.equal(server.uploads.size, 1);
  third.close();
});

test("sends at once what another program adds to its folder, and says so there", {
  timeout: 30_000,
}, async (t) => {
  const { server, open, file } = await setUp(t);
  const leader = open();
  const [first] = leader.uploads.add([await file("a.jpg")]);
  assert.equal((await first?.result())?.state, "ready");
  const other = open();
  const [second] = other.uploads.add([await file("b.jpg")]);
  assert.equal((await second?.result())?.state, "ready");
  assert.equal(server.store.storedCount(), 2);
  assert.deepEqual(
    leader.uploads.getSnapshot().items.map(({ name, state }) => [name, state]),
    [
      ["a.jpg", "ready"],
      ["b.jpg", "ready"],
    ],
  );
  other.close();
  leader.close();
});

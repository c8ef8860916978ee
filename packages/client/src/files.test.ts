import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createClient } from "./client.ts";
import { type ScriptedServerOptions, startScriptedServer } from "./testing/index.contract.ts";
import { sourceOf, testPlatform } from "./testing/test-platform.contract.ts";

async function setUp(t: TestContext, options: ScriptedServerOptions = {}) {
  const server = await startScriptedServer(options);
  t.after(() => server.close());
  const client = createClient(testPlatform(server.url));
  const upload = async (name: string) => (await client.upload(sourceOf(name, `bytes of ${name}`))).upload;
  return { server, client, upload };
}

test("lists files page by page, and gets one", async (t) => {
  const { client, upload } = await setUp(t);
  await upload("a.jpg");
  const { fileId } = await upload("b.jpg");
  const first = await client.files.list({ limit: 1 });
  assert.deepEqual(
    first.items.map(({ name }) => name),
    ["b.jpg"],
  );
  const second = await client.files.list({ limit: 1, cursor: first.nextCursor ?? undefined });
  assert.deepEqual(
    second.items.map(({ name }) => name),
    ["a.jpg"],
  );
  assert.equal(second.nextCursor, null);
  assert.equal((await client.files.get(fileId)).name, "b.jpg");
  await assert.rejects(client.files.get("no/such id"), { code: "not-found" });
});

test("gives a request for the original or a derivative", async (t) => {
  const { server, client, upload } = await setUp(t);
  const { fileId } = await upload("a.jpg");
  const { url } = await client.files.download(fileId);
  assert.equal(await (await fetch(url)).text(), "bytes of a.jpg");
  await assert.rejects(client.files.download(fileId, { derivative: "thumbnail" }), { code: "not-found" });
  server.derive(fileId, Buffer.from("small"));
  const thumbnail = await client.files.download(fileId, { derivative: "thumbnail" });
  assert.equal(await (await fetch(thumbnail.url)).text(), "small");
});

test("puts a file into the trash, and deletes it for good", async (t) => {
  const { client, upload } = await setUp(t);
  const { fileId } = await upload("a.jpg");
  await client.files.remove(fileId);
  assert.equal((await client.files.list()).items.length, 0);
  assert.equal((await client.files.list({ scope: "trash" })).items[0]?.id, fileId);
  await client.files.remove(fileId, { permanent: true });
  await assert.rejects(client.files.get(fileId), { code: "not-found" });
});

for (const permanent of [false, true])
  test(`takes a removal whose answer was lost for done (permanent: ${permanent})`, async (t) => {
    let lost = 0;
    const { client, upload } = await setUp(t, {
      fault: ({ method }) => (method === "DELETE" && lost++ === 0 ? "commit-then-reset" : undefined),
    });
    const { fileId } = await upload("a.jpg");
    await client.files.remove(fileId, { permanent });
    assert.equal(lost, 2);
  });

test("gets, lists and aborts uploads", async (t) => {
  const { client, upload } = await setUp(t);
  const { id } = await upload("a.jpg");
  assert.equal((await client.uploads.get(id)).state, "ready");
  assert.equal((await client.uploads.list({ state: "ready" })).items.length, 1);
  assert.equal((await client.uploads.abort(id)).id, id);
});

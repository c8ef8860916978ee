import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { FileListQuery } from "./files.ts";
import {
  type ScriptedServer,
  type ScriptedServerOptions,
  startScriptedServer,
} from "./testing/index.contract.ts";
import { sourceOf, testPlatform } from "./testing/test-platform.contract.ts";
import { createUploader } from "./uploader.ts";

async function setUp(t: TestContext, options: ScriptedServerOptions = {}) {
  const server = await startScriptedServer(options);
  t.after(() => server.close());
  const client = createUploader(testPlatform(server.url));
  const upload = async (name: string) => (await client.upload(sourceOf(name, `bytes of ${name}`))).upload;
  return { server, client, upload };
}

/** A client that goes on after a first try of its change only when `meanwhile` was done. */
function overtakenClient(server: ScriptedServer, method: string, meanwhile: () => Promise<unknown>) {
  let isDone = false;
  return createUploader(
    testPlatform(server.url, {
      getToken: async () => {
        if (!isDone && server.count(method) > 0) {
          isDone = true;
          await meanwhile();
        }
        return "token";
      },
    }),
  );
}

test("asks for lists by sort, type, metadata and what a name begins with", async (t) => {
  const { server, client, upload } = await setUp(t);
  await upload("b.jpg");
  await upload("a c.jpg");
  const names = async (query: FileListQuery) =>
    (await client.files.list(query)).items.map(({ name }) => name);
  assert.deepEqual(await names({ sort: "name" }), ["a c.jpg", "b.jpg"]);
  assert.deepEqual(await names({ q: "c" }), ["a c.jpg"]);
  assert.deepEqual(await names({ type: "video", sort: "taken" }), []);
  assert.deepEqual(await names({ metadata: { "a.b": "é&c" }, q: undefined }), []);
  assert.deepEqual(
    server.seen
      .filter(({ method }) => method === "GET")
      .map(({ path }) => path.split("?")[1])
      .slice(-2),
    ["type=video&sort=taken", "metadata.a.b=%C3%A9%26c"],
  );
});

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

test("asks again for a derivative while it is being made", async (t) => {
  const pending = { type: "", title: "", status: 503, detail: "In a moment.", code: "derivative-pending" };
  let tries = 0;
  const { server, client, upload } = await setUp(t, {
    fault: ({ path }) => {
      if (path !== "/v1/downloads") return undefined;
      tries += 1;
      return tries > 2
        ? undefined
        : {
            status: 503,
            headers: { "content-type": "application/problem+json", "retry-after": "1" },
            body: JSON.stringify({ ...pending, items: [{ id: "a", problem: pending }] }),
          };
    },
  });
  const { fileId } = await upload("a.jpg");
  server.derive(fileId, Buffer.from("small"));
  const { url } = await client.files.download(fileId, { derivative: "thumbnail" });
  assert.equal(await (await fetch(url)).text(), "small");
  assert.equal(tries, 3);
});

test("of many that are asked for together, only what is still being made is asked for again", async (t) => {
  const pending = { type: "", title: "", status: 503, detail: "In a moment.", code: "derivative-pending" };
  const there = { method: "GET", url: "http://there.example/", headers: {}, expiresInSeconds: 600 };
  const answers = [
    [
      { id: "a", request: there },
      { id: "a", problem: pending },
    ],
    [{ id: "a", problem: pending }],
  ];
  const { server, client, upload } = await setUp(t, {
    fault: ({ path }) => {
      const items = path === "/v1/downloads" ? answers.shift() : undefined;
      return (
        items && {
          status: 200,
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ items }),
        }
      );
    },
  });
  const { fileId } = await upload("a.jpg");
  server.derive(fileId, Buffer.from("small"));
  const [original, thumbnail] = await Promise.all([
    client.files.download(fileId),
    client.files.download(fileId, { derivative: "thumbnail" }),
  ]);
  assert.equal(original.url, "http://there.example/");
  assert.equal(await (await fetch(thumbnail.url)).text(), "small");
  // An answer of another length than what was asked for would not have been taken.
  assert.equal(server.count("POST /v1/downloads"), 3);
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

test("takes no removal for done that somebody else's trashing got in the way of", async (t) => {
  let tries = 0;
  const { server, client, upload } = await setUp(t, {
    fault: ({ method }) => (method === "DELETE" && tries++ === 0 ? "reset" : undefined),
  });
  const { fileId } = await upload("a.jpg");
  const overtaken = overtakenClient(server, "DELETE", () => client.files.remove(fileId));
  await assert.rejects(overtaken.files.remove(fileId, { permanent: true }), { code: "precondition-failed" });
  assert.equal((await client.files.get(fileId)).state, "trashed");
});

test("gives a file another name and other metadata, each alone or both", async (t) => {
  const { client, upload } = await setUp(t);
  const { fileId } = await upload("a.jpg");
  assert.equal((await client.files.update(fileId, { name: "b.jpg" })).name, "b.jpg");
  const { name, metadata } = await client.files.update(fileId, { metadata: { step: "1" } });
  assert.deepEqual({ name, metadata }, { name: "b.jpg", metadata: { step: "1" } });
  await client.files.remove(fileId);
  await assert.rejects(client.files.update(fileId, { name: "c.jpg" }), { code: "file-not-ready" });
  assert.equal((await client.files.restore(fileId)).state, "ready");
  assert.equal((await client.files.restore(fileId)).state, "ready", "what is not in it stays as it is");
  await assert.rejects(client.files.update("none", { name: "c.jpg" }), { code: "not-found" });
});

test("changes nothing that is no longer as it was seen", async (t) => {
  const { server, client, upload } = await setUp(t);
  const { fileId } = await upload("a.jpg");
  const seen = await client.files.get(fileId);
  await createUploader(testPlatform(server.url)).files.update(fileId, { name: "theirs.jpg" });
  for (const change of [
    client.files.update(fileId, { name: "mine.jpg" }, { seen }),
    client.files.remove(fileId, { seen }),
    client.files.restore(fileId, { seen }),
  ])
    await assert.rejects(change, { code: "precondition-failed" });
  const now = await client.files.get(fileId);
  assert.deepEqual([now.name, now.state], ["theirs.jpg", "ready"]);
});

test("takes a change or a restore whose answer was lost for done", async (t) => {
  const lost = new Set<string>();
  const { client, upload } = await setUp(t, {
    fault: ({ method, path }) => {
      if (!["PATCH", "POST"].includes(method) || !path.startsWith("/v1/files/") || lost.has(method))
        return undefined;
      lost.add(method);
      return "commit-then-reset";
    },
  });
  const { fileId } = await upload("a.jpg");
  const change = { name: "b.jpg", metadata: { a: "1" } };
  const { name, metadata } = await client.files.update(fileId, change);
  assert.deepEqual({ name, metadata }, change);
  await client.files.remove(fileId);
  assert.equal((await client.files.restore(fileId)).state, "ready");
  assert.deepEqual(lost, new Set(["PATCH", "POST"]));
});

test("takes no change for done that somebody else's overtook", async (t) => {
  let tries = 0;
  const { server, client, upload } = await setUp(t, {
    fault: ({ method }) => (method === "PATCH" && tries++ === 0 ? "commit-then-reset" : undefined),
  });
  const { fileId } = await upload("a.jpg");
  const overtaken = overtakenClient(server, "PATCH", () =>
    client.files.update(fileId, { name: "theirs.jpg" }),
  );
  const mine = overtaken.files.update(fileId, { name: "mine.jpg" });
  await assert.rejects(mine, { code: "precondition-failed" });
  assert.equal((await client.files.get(fileId)).name, "theirs.jpg");
});

test("asks for many downloads by few requests, each with its own answer", async (t) => {
  const { server, client, upload } = await setUp(t);
  const { fileId } = await upload("a.jpg");
  const ids = Array.from({ length: 250 }, (_, index) => (index % 2 === 0 ? fileId : `nowhere ${index}`));
  const answers = await Promise.allSettled(ids.map((id) => client.files.download(id)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    ids.map((id) => (id === fileId ? "fulfilled" : "rejected")),
  );
  assert.equal(server.count("POST /v1/downloads"), 2);
});

test("waits for the verdict of an upload that is already sent", async (t) => {
  const { client } = await setUp(t);
  const { upload } = await client.upload(sourceOf("a.jpg", "a"), { wait: false });
  assert.equal((await client.serverUploads.verdict(upload.id)).state, "ready");
});

test("gets, lists and aborts uploads", async (t) => {
  const { client, upload } = await setUp(t);
  const { id } = await upload("a.jpg");
  assert.equal((await client.serverUploads.get(id)).state, "ready");
  assert.equal((await client.serverUploads.list({ state: "ready" })).items.length, 1);
  await assert.rejects(client.serverUploads.abort(id), { code: "upload-not-pending" });
});

test("replaces a version, shows the history, and keeps what was replaced meanwhile as a conflict", async (t) => {
  const { server, client, upload } = await setUp(t);
  const { fileId } = await upload("a.jpg");
  const replaces = { fileId, version: 1 };
  const mine = await client.upload(sourceOf("b.jpg", "mine"), { replaces });
  assert.equal(mine.upload.fileId, fileId);
  await client.upload(sourceOf("c.jpg", "theirs"), { replaces });
  const file = await client.files.get(fileId);
  assert.deepEqual([file.name, file.version, file.conflicts], ["a.jpg", 2, 1]);
  const { items } = await client.files.versions(fileId);
  assert.deepEqual(
    items.map(({ version, state, name }) => `${version} ${state} ${name}`),
    ["3 conflict c.jpg", "2 current b.jpg", "1 superseded a.jpg"],
  );
  const first = await client.files.versions(fileId, { limit: 2 });
  const rest = await client.files.versions(fileId, { cursor: first.nextCursor ?? undefined });
  assert.deepEqual([...first.items, ...rest.items], items);
  const { url } = await client.files.download(fileId, { version: 3 });
  assert.equal(await (await fetch(url)).text(), "theirs");
  await assert.rejects(client.files.versions("none"), { code: "not-found" });
  assert.deepEqual(
    server.seen.find(({ json }) => JSON.stringify(json)?.includes("replaces"))?.method,
    "POST",
  );
});

test("restores and deletes versions, unless the file is no longer as it was seen", async (t) => {
  const { client, upload } = await setUp(t);
  const { fileId } = await upload("a.jpg");
  const seen = await client.files.get(fileId);
  await client.upload(sourceOf("b.jpg", "b"), { replaces: { fileId, version: 1 } });
  for (const change of [
    client.files.restoreVersion(fileId, 1, { seen }),
    client.files.removeVersion(fileId, 1, { seen }),
  ])
    await assert.rejects(change, { code: "precondition-failed" });
  await assert.rejects(client.files.removeVersion(fileId, 2), { code: "version-current" });
  assert.equal((await client.files.restoreVersion(fileId, 1)).version, 1);
  await client.files.removeVersion(fileId, 2);
  assert.deepEqual(
    (await client.files.versions(fileId)).items.map(({ version }) => version),
    [1],
  );
  await assert.rejects(client.files.restoreVersion(fileId, 2), { code: "not-found" });
});

test("takes a change of a version whose answer was lost for done", async (t) => {
  let lost = 0;
  const { client, upload } = await setUp(t, {
    fault: ({ method, path }) =>
      path.includes("/versions/") && method !== "GET" && lost++ % 2 === 0 ? "commit-then-reset" : undefined,
  });
  const { fileId } = await upload("a.jpg");
  await client.upload(sourceOf("b.jpg", "b"), { replaces: { fileId, version: 1 } });
  assert.equal((await client.files.restoreVersion(fileId, 1)).version, 1);
  await client.files.removeVersion(fileId, 2);
  assert.equal(lost, 4);
});

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ProblemError } from "./errors.ts";
import { createLinks } from "./links.ts";
import { type ScriptedServerOptions, startScriptedServer } from "./testing/index.contract.ts";
import { sourceOf, testPlatform } from "./testing/test-platform.contract.ts";
import { createUploader } from "./uploader.ts";

async function setUp(t: TestContext, options: ScriptedServerOptions = {}) {
  const server = await startScriptedServer(options);
  t.after(() => server.close());
  const client = createUploader(testPlatform(server.url));
  const { upload } = await client.upload(sourceOf("a.jpg", "bytes"));
  const albumLinks = createLinks(client, "albums");
  return { server, links: createLinks(client), albumLinks, fileId: upload.fileId };
}

test("makes a link, lists it without its secret, and takes it back", async (t) => {
  const { links, fileId } = await setUp(t);
  const link = await links.create(fileId, { maxOpens: 3 });
  assert.ok(link.url.endsWith(`#${link.token}`));
  const { items } = await links.list(fileId);
  const { url: _, token: __, ...shown } = link;
  assert.deepEqual(items, [shown]);
  await links.revoke(fileId, link.id);
  assert.deepEqual((await links.list(fileId)).items, []);
  await assert.rejects(links.revoke(fileId, link.id), ProblemError);
  await assert.rejects(links.create("none"), ProblemError);
});

test("makes links to an album, which are none of a file", async (t) => {
  const { links, albumLinks, fileId } = await setUp(t);
  const link = await albumLinks.create("album-1");
  assert.ok(link.url.endsWith(`#${link.token}`));
  assert.equal((await albumLinks.list("album-1")).items.length, 1);
  assert.equal((await links.list(fileId)).items.length, 0);
  await assert.rejects(links.create("album-1"), ProblemError);
  await albumLinks.revoke("album-1", link.id);
  assert.deepEqual((await albumLinks.list("album-1")).items, []);
});

test("a link whose answer was lost is taken back, and the one that is answered is the only one", async (t) => {
  let made = 0;
  const { server, links, fileId } = await setUp(t, {
    fault: ({ method, path }) => {
      if (method !== "POST" || !path.endsWith("/links")) return undefined;
      made += 1;
      return made === 1 ? "commit-then-reset" : undefined;
    },
  });
  const link = await links.create(fileId);
  const { items } = await links.list(fileId);
  assert.deepEqual(
    items.map(({ id }) => id),
    [link.id],
  );
  assert.equal(server.count(`POST /v1/files/${fileId}/links`), 3);
});

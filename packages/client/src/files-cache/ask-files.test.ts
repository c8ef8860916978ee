import assert from "node:assert/strict";
import { test } from "node:test";
import { captivePortal, startScriptedServer } from "../testing/index.contract.ts";
import { sourceOf, testPlatform } from "../testing/test-platform.contract.ts";
import { createUploader } from "../uploader.ts";
import { createAskFiles } from "./ask-files.ts";

test("the same question is answered without a body where nothing has changed", async (t) => {
  let portals = 0;
  const server = await startScriptedServer({
    fault: ({ path }) => {
      if (!path.startsWith("/v1/files?ids=") || portals === 0) return undefined;
      portals -= 1;
      return captivePortal;
    },
  });
  t.after(() => server.close());
  const answers: (readonly [status: number, bytes: number])[] = [];
  const uploader = createUploader(
    testPlatform(server.url, {
      fetch: async (url, init) => {
        const answer = await fetch(url, init as RequestInit);
        const text = await answer.text();
        if (url.includes("/v1/files?ids=")) answers.push([answer.status, text.length]);
        return { status: answer.status, headers: answer.headers, text: async () => text };
      },
    }),
  );
  const { upload } = await uploader.upload(sourceOf("a.jpg", "bytes"));
  const askFiles = createAskFiles(uploader.askApi);
  const ask = async () =>
    [...(await askFiles([upload.fileId, "no-such-file"])).values()].map(({ name }) => name);

  assert.deepEqual(await ask(), ["a.jpg"]);
  assert.deepEqual(await ask(), ["a.jpg"]);
  assert.deepEqual(answers.slice(1), [[304, 0]]);
  await uploader.files.update(upload.fileId, { name: "b.jpg" });
  assert.deepEqual(await ask(), ["b.jpg"]);
  server.hide(upload.fileId);
  // A portal's page is no word of the server's.
  portals = 2;
  assert.deepEqual(await ask(), []);
  assert.deepEqual(
    answers.slice(2).map(([status]) => status),
    [200, 200, 200, 200],
  );
});

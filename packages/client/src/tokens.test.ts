import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ProblemError } from "./errors.ts";
import { type ScriptedServerOptions, startScriptedServer } from "./testing/index.contract.ts";
import { sourceOf, testPlatform } from "./testing/test-platform.contract.ts";
import { createTokens } from "./tokens.ts";
import { createUploader } from "./uploader.ts";

async function setUp(t: TestContext, options: ScriptedServerOptions = {}) {
  const server = await startScriptedServer(options);
  t.after(() => server.close());
  const uploader = createUploader(testPlatform(server.url));
  return { server, uploader, tokens: createTokens(uploader) };
}

test("mints a token, lists it without its secret, and takes it back", async (t) => {
  const { tokens } = await setUp(t);
  const minted = await tokens.create({ maxFiles: 3, metadata: { step: "1" }, expiresInSeconds: 60 });
  assert.deepEqual(minted.scopes, ["uploads:write"]);
  const { token, ...shown } = minted;
  assert.ok(token);
  assert.deepEqual((await tokens.list()).items, [shown]);
  await tokens.revoke(minted.id);
  assert.deepEqual((await tokens.list()).items, []);
  await assert.rejects(tokens.revoke(minted.id), ProblemError);
  await assert.rejects(tokens.create({ scopes: ["files:read"], maxFiles: 1 }), ProblemError);
});

test("what is minted sends a file to its end, and mints and reads nothing, until it is taken back", async (t) => {
  const { server, tokens } = await setUp(t);
  const { id, token } = await tokens.create();
  const program = createUploader({ ...testPlatform(server.url), getToken: async () => token });
  const { upload } = await program.upload(sourceOf("a.jpg", "bytes"));
  assert.equal(upload.state, "ready");
  await assert.rejects(program.me(), ProblemError);
  await assert.rejects(program.files.list(), ProblemError);
  await assert.rejects(createTokens(program).create(), ProblemError);
  await tokens.revoke(id);
  await assert.rejects(program.upload(sourceOf("b.jpg", "others")), { code: "not-signed-in" });
});

test("a token whose answer was lost is taken back, and the one that is answered is the only one", async (t) => {
  let made = 0;
  const { server, tokens } = await setUp(t, {
    fault: ({ method, path }) => {
      if (method !== "POST" || path !== "/v1/tokens") return undefined;
      made += 1;
      return made === 1 ? "commit-then-reset" : undefined;
    },
  });
  const { id } = await tokens.create();
  const { items } = await tokens.list();
  assert.deepEqual(
    items.map((one) => one.id),
    [id],
  );
  assert.equal(server.count("POST /v1/tokens"), 3);
});

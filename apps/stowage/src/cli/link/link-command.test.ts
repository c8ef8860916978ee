import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startScriptedServer } from "@stowage/client/testing";
import { capturedRun, jsonValues } from "../testing/captured-run.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

interface Link {
  readonly id: string;
  readonly url?: string;
  readonly maxOpens?: number;
  readonly expiresAt: string;
}

async function setUp(t: TestContext) {
  const server = await startScriptedServer();
  t.after(() => server.close());
  const cwd = await temporaryFolder(t);
  const run = (...args: string[]) =>
    capturedRun(args, { cwd, env: { STOWAGE_SERVER: server.url, STOWAGE_TOKEN: "token" } });
  await writeFile(join(cwd, "a.jpg"), "a.jpg".repeat(200));
  const [line] = jsonValues<{ id: string }>(await run("put", "a.jpg", "--json"));
  return { run, id: line?.id ?? "" };
}

test("link prints the link alone, lists those there are, and takes one back", async (t) => {
  const { run, id } = await setUp(t);
  const made = await run("link", id, "--expires", "7d", "--max-opens", "3");
  assert.equal(made.status, 0, made.said);
  assert.match(made.out, /^http\S+\/l#\S+\n$/);
  assert.match(made.said, /--revoke link-1/);
  const [link] = jsonValues<Link>(await run("link", id, "--list", "--json"));
  assert.equal(link?.maxOpens, 3);
  assert.equal(link?.url, undefined);
  const inDays = (Date.parse(link?.expiresAt ?? "") - Date.now()) / 86_400_000;
  assert.ok(inDays > 6.9 && inDays <= 7);
  assert.match((await run("link", id, "--list")).out, /^LINK .*\nlink-1 .* 0 of 3 +no\n$/);
  assert.equal((await run("link", id, "--revoke", "link-1")).out, "revoked  link-1\n");
  assert.deepEqual(jsonValues(await run("link", id, "--list", "--json")), []);
  assert.equal((await run("link", id, "--revoke", "link-1")).status, 1);
  assert.equal((await run("link", "none")).status, 1);
});

test("link --album makes, lists and takes back links to an album", async (t) => {
  const { run, id } = await setUp(t);
  const made = await run("link", "--album", "album-1", "--max-opens", "2");
  assert.equal(made.status, 0, made.said);
  assert.match(made.said, /link --album album-1 --revoke link-1/);
  const [link] = jsonValues<Link>(await run("link", "--album", "album-1", "--list", "--json"));
  assert.equal(link?.maxOpens, 2);
  assert.deepEqual(jsonValues(await run("link", id, "--list", "--json")), []);
  assert.equal((await run("link", "--album", "album-1", "--revoke", "link-1")).out, "revoked  link-1\n");
  assert.equal((await run("link", "--album", "none")).status, 1);
  assert.equal((await run("link", id, "--album", "album-1")).status, 2);
});

test("link refuses what does not go together, and ends that are none", async (t) => {
  const { run, id } = await setUp(t);
  for (const args of [
    ["--list", "--revoke", "x"],
    ["--list", "--max-opens", "1"],
    ["--expires", "soon"],
    ["--max-opens", "0"],
  ])
    assert.equal((await run("link", id, ...args)).status, 2, args.join(" "));
  assert.equal((await run("link")).status, 2);
});

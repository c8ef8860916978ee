import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ScriptedServerOptions, startScriptedServer, storeError } from "@stowage/client/testing";
import { capturedRun, jsonValues } from "../testing/captured-run.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

async function setUp(t: TestContext, options: ScriptedServerOptions = {}) {
  const server = await startScriptedServer(options);
  t.after(() => server.close());
  const cwd = await temporaryFolder(t);
  const env = { STOWAGE_SERVER: server.url, STOWAGE_TOKEN: "token" };
  const run = (args: readonly string[]) => capturedRun(args, { cwd, env });
  await writeFile(join(cwd, "photo.jpg"), "the bytes");
  const [line] = jsonValues<{ id: string }>(await run(["put", "photo.jpg", "--json"]));
  const [upload] = server.uploads.values();
  assert.ok(line && upload);
  const target = join(cwd, "target");
  await mkdir(target);
  const get = (args: readonly string[] = []) => capturedRun(["get", line.id, ...args], { cwd: target, env });
  const rename = (name: string) => Object.assign(upload.intent, { name });
  return { server, target, id: line.id, get, rename, key: upload.key };
}

test("fetches a file under its own name, and never over another", async (t) => {
  const { target, get, id } = await setUp(t);
  const { status, out } = await get();
  assert.equal(status, 0);
  assert.equal(out, `${join(target, "photo.jpg")}\n`);
  assert.equal(await readFile(join(target, "photo.jpg"), "utf8"), "the bytes");

  await writeFile(join(target, "photo.jpg"), "mine");
  const again = await get();
  assert.equal(again.status, 1);
  assert.match(again.said, /photo\.jpg is there already: --force replaces it\./);
  assert.equal(await readFile(join(target, "photo.jpg"), "utf8"), "mine");

  const forced = await get(["--force", "--json"]);
  assert.deepEqual(jsonValues(forced), [
    { id, file: join(target, "photo.jpg"), sha256: createHash("sha256").update("the bytes").digest("hex") },
  ]);
  assert.deepEqual(await readdir(target), ["photo.jpg"]);
});

test("writes where it is told: a file, a folder, standard output", async (t) => {
  const { target, get } = await setUp(t);
  await mkdir(join(target, "folder"));
  for (const [output, path] of [
    ["copy.jpg", "copy.jpg"],
    ["folder", "folder/photo.jpg"],
  ] as const) {
    assert.equal((await get(["-o", output])).status, 0);
    assert.equal(await readFile(join(target, path), "utf8"), "the bytes");
  }
  const { status, bytes, out } = await get(["-o", "-"]);
  assert.deepEqual([status, out, bytes.toString()], [0, "", "the bytes"]);
  const nowhere = await get(["-o", "no/such/folder.jpg"]);
  assert.equal(nowhere.status, 1);
  assert.match(nowhere.said, /There is no such file or folder\./);
});

for (const [name, safe] of [
  ["../../escaped.jpg", "_.._escaped.jpg"],
  ["/etc/passwd", "_etc_passwd"],
  [".ssh", "ssh"],
  ["\u202egpj.exe", "_gpj.exe"],
] as const)
  test(`takes the name ${JSON.stringify(name)} for no path`, async (t) => {
    const { target, get, rename } = await setUp(t);
    rename(name);
    assert.equal((await get()).status, 0);
    assert.deepEqual(await readdir(target), [safe]);
  });

test("puts nothing in place that is not what was promised", async (t) => {
  const { server, target, get, key } = await setUp(t);
  server.store.objects.set(key, Buffer.from("other bytes"));
  const { status, said } = await get();
  assert.equal(status, 1);
  assert.match(said, /What came is not the file: its SHA-256 is [0-9a-f]{64}, and the server promised/);
  assert.deepEqual(await readdir(target), []);
  assert.equal((await get(["-o", "-"])).status, 1);
});

test("goes on where a download broke off, however often, as long as it gets further", async (t) => {
  let failed = 0;
  const { server, target, get } = await setUp(t, {
    fault: ({ method, path }) =>
      method === "GET" && path.startsWith("/bucket/") && failed++ < 2 ? "reset-mid-answer" : undefined,
  });
  assert.equal((await get()).status, 0);
  const asked = server.seen.filter(({ method, path }) => method === "GET" && path.startsWith("/bucket/"));
  assert.deepEqual(
    asked.map(({ range }) => range),
    [undefined, "bytes=4-", "bytes=6-"],
  );
  assert.deepEqual(await readdir(target), ["photo.jpg"]);
  assert.equal(await readFile(join(target, "photo.jpg"), "utf8"), "the bytes");
});

test("removes what a download to the same place left that was killed, and nothing else", async (t) => {
  const { target, get } = await setUp(t);
  const ofUuid = (name: string) => `.${name}.6a2f3c1e-7f0b-4f1e-9d55-0123456789ab.part`;
  const [killed, living] = [ofUuid("photo.jpg"), ofUuid("photo.jpg").replace("6a", "6b")];
  const others = [ofUuid("other.jpg"), ".photo.jpg.mine.part", "photo.jpg.part"];
  for (const name of [killed, living, ...others]) await writeFile(join(target, name), "half");
  const longAgo = new Date(Date.now() - 11 * 60_000);
  for (const name of [killed, ...others]) await utimes(join(target, name), longAgo, longAgo);
  assert.equal((await get()).status, 0);
  assert.deepEqual((await readdir(target)).sort(), [living, ...others, "photo.jpg"].sort());
});

test("tries again when a download does not begin or its request ran out", async (t) => {
  const faults = ["reset", storeError(403, "AccessDenied")] as const;
  let failed = 0;
  const { target, get } = await setUp(t, {
    fault: ({ method, path }) =>
      method === "GET" && path.startsWith("/bucket/") ? faults[failed++] : undefined,
  });
  const { status, said } = await get();
  assert.equal(status, 0);
  assert.match(said, /^The download from 127\.0\.0\.1:\d+ failed: the connection broke\. Trying again\.$/m);
  assert.match(said, /^The object store refused: 403 AccessDenied\. Trying again\.$/m);
  assert.deepEqual(await readdir(target), ["photo.jpg"]);
});

test("fetches a derivative under a name that says so", async (t) => {
  const { server, target, get, id } = await setUp(t);
  const none = await get(["--derivative", "thumbnail"]);
  assert.equal(none.status, 1);
  server.derive(id, Buffer.from("small"));
  assert.equal((await get(["--derivative", "thumbnail"])).status, 0);
  assert.equal(await readFile(join(target, "photo-thumbnail.webp"), "utf8"), "small");
});

test("leaves nothing behind where there is no such file", async (t) => {
  const { server, target } = await setUp(t);
  const env = { STOWAGE_SERVER: server.url, STOWAGE_TOKEN: "token" };
  const { status, said } = await capturedRun(["get", "unknown", "-o", "x"], { cwd: target, env });
  assert.equal(status, 1);
  assert.match(said, /There is nothing here/);
  assert.deepEqual(await readdir(target), []);
});

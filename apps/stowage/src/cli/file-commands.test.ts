import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startScriptedServer } from "@stowage/client/testing";
import { capturedRun, jsonValues } from "./testing/captured-run.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

async function setUp(t: TestContext, names: readonly string[] = []) {
  const server = await startScriptedServer();
  t.after(() => server.close());
  const cwd = await temporaryFolder(t);
  const run = (...args: string[]) =>
    capturedRun(args, { cwd, env: { STOWAGE_SERVER: server.url, STOWAGE_TOKEN: "token" } });
  const ids: string[] = [];
  for (const name of names) {
    await writeFile(join(cwd, name), name.repeat(200));
    const [line] = jsonValues<{ id: string }>(await run("put", name, "--json"));
    ids.push(line?.id ?? "");
  }
  return { server, run, ids };
}

test("ls lists files newest first, as a table and as JSON", async (t) => {
  const { run, ids } = await setUp(t, ["a.jpg", "写.jpg"]);
  const { status, out } = await run("ls");
  assert.equal(status, 0);
  const lines = out.trimEnd().split("\n");
  assert.match(lines[0] ?? "", /^ID +SIZE {2}CREATED +NAME$/);
  assert.match(
    lines[1] ?? "",
    new RegExp(`^${ids[1]} {2}1\\.4 kB {2}\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d {2}写\\.jpg$`),
  );
  assert.match(lines[2] ?? "", new RegExp(`^${ids[0]} .* a\\.jpg$`));
  const files = jsonValues<{ id: string; name: string }>(await run("ls", "--json"));
  assert.deepEqual(
    files.map(({ id, name }) => [id, name]),
    [
      [ids[1], "写.jpg"],
      [ids[0], "a.jpg"],
    ],
  );
});

test("ls ends where it is told, and says that there is more", async (t) => {
  const { run } = await setUp(t, ["a.jpg", "b.jpg", "c.jpg"]);
  const two = await run("ls", "--limit", "2");
  assert.equal(two.out.trimEnd().split("\n").length, 3);
  assert.equal(two.said, "There are more: --all lists them.\n");
  assert.equal((await run("ls", "--all")).out.trimEnd().split("\n").length, 4);
  assert.equal((await run("ls", "--all", "--limit", "2")).status, 2);
  assert.equal((await run("ls", "--limit", "many")).status, 2);
});

test("ls sorts and picks out files, and says what of that goes together", async (t) => {
  const { server, run } = await setUp(t, ["b.jpg", "a c.jpg"]);
  const names = async (...args: string[]) =>
    jsonValues<{ name: string }>(await run("ls", "--json", ...args)).map(({ name }) => name);
  assert.deepEqual(await names("--sort", "name"), ["a c.jpg", "b.jpg"]);
  assert.deepEqual(await names("--search", "c"), ["a c.jpg"]);
  assert.deepEqual(await names("--type", "video", "--sort", "taken"), []);
  assert.deepEqual(await names("--meta", "step=a=b"), []);
  assert.match(server.seen.at(-1)?.path ?? "", /metadata\.step=a%3Db/);
  assert.equal((await run("ls", "--search", "nothing")).said, "There is no such file.\n");
  assert.match((await run("ls", "--sort", "taken")).out, /TAKEN/);
  for (const args of [
    ["--sort", "size"],
    ["--type", "sound"],
    ["--meta", "step"],
  ])
    assert.equal((await run("ls", ...args)).status, 2, args.join(" "));
});

test("ls of nothing says so to people, and nothing to programs", async (t) => {
  const { run } = await setUp(t);
  assert.deepEqual(await run("ls").then(({ out, said }) => [out, said]), ["", "You have no files yet.\n"]);
  assert.deepEqual(await run("ls", "--trash").then(({ out, said }) => [out, said]), [
    "",
    "The trash is empty.\n",
  ]);
  assert.deepEqual(await run("ls", "--json").then(({ out, said }) => [out, said]), ["", ""]);
});

test("rm puts files into the trash, or deletes them for good, and goes on after one that is not there", async (t) => {
  const { run, ids } = await setUp(t, ["a.jpg", "b.jpg"]);
  const [a = "", b = ""] = ids;
  const some = await run("rm", a, "no-such-file");
  assert.equal(some.status, 3);
  assert.equal(some.out, `trashed  ${a}\n`);
  assert.match(some.said, /^no-such-file: There is nothing here/);
  assert.equal(jsonValues<{ id: string }>(await run("ls", "--trash", "--json"))[0]?.id, a);

  const permanent = await run("rm", a, b, "--permanent", "--json");
  assert.equal(permanent.status, 0);
  assert.deepEqual(jsonValues(permanent), [
    { id: a, state: "purged" },
    { id: b, state: "purged" },
  ]);
  assert.equal((await run("ls", "--trash", "--json")).out, "");
  assert.equal((await run("rm", "no-such-file")).status, 1);
});

test("whoami says who, where, how much and what", async (t) => {
  const { run, server } = await setUp(t);
  const { status, out } = await run("whoami");
  assert.equal(status, 0);
  for (const line of [
    "E-mail:       someone@example.test",
    `Server:       ${server.url}`,
    "Used:         1.5 MB of 10.0 GB",
    "Token:        may files:read, files:write, uploads:write",
    "Profile:      default: image/jpeg (20.0 MB)",
  ])
    assert.ok(out.split("\n").includes(line), line);
  assert.equal(jsonValues<{ id: string }>(await run("whoami", "--json"))[0]?.id, "me");
});

test("names a server that does not answer", async () => {
  const env = { STOWAGE_SERVER: "http://127.0.0.1:1", STOWAGE_TOKEN: "token" };
  const { status, said } = await capturedRun(["whoami"], { env });
  assert.equal(status, 1);
  assert.match(
    said,
    /^GET http:\/\/127\.0\.0\.1:1\/v1\/me failed on its way: .*\. Is the server running\?$/m,
  );
});

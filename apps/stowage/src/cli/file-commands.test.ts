import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
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
  return { server, run, ids, cwd };
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

test("ls lists what others show, by itself", async (t) => {
  const { run, server } = await setUp(t, ["a.jpg"]);
  for (const scope of ["shared", "organisation", "public"]) {
    const { status, said } = await run("ls", "--scope", scope);
    assert.deepEqual([status, said], [0, "Nobody shows you any files there.\n"]);
    assert.match(server.seen.at(-1)?.path ?? "", new RegExp(`scope=${scope}`));
  }
  assert.equal((await run("ls", "--scope", "everybody")).status, 2);
  assert.equal((await run("ls", "--scope", "shared", "--trash")).status, 2);
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

async function setUpHistory(t: TestContext) {
  const { run, ids, cwd } = await setUp(t, ["a.jpg", "b.jpg"]);
  const [id = ""] = ids;
  await run("put", "b.jpg", "--replace", id);
  return { run, id, cwd };
}

const versionsOf = async (run: (...args: string[]) => ReturnType<typeof capturedRun>, id: string) =>
  jsonValues<{ version: number; state: string; name: string }>(await run("versions", id, "--json")).map(
    ({ version, state, name }) => `${version} ${state} ${name}`,
  );

test("versions shows a file's history newest first, as a table and as JSON", async (t) => {
  const { run, id } = await setUpHistory(t);
  const { status, out } = await run("versions", id);
  assert.equal(status, 0);
  const lines = out.trimEnd().split("\n");
  assert.match(lines[0] ?? "", /^VERSION {2}STATE +SIZE {2}CREATED +NAME$/);
  assert.match(lines[1] ?? "", /^ {6}2 {2}current +\d\S* \S+ {2}\d{4}-\S+ \S+ {2}b\.jpg$/);
  assert.match(lines[2] ?? "", /^ {6}1 {2}superseded .* a\.jpg$/);
  assert.deepEqual(await versionsOf(run, id), ["2 current b.jpg", "1 superseded a.jpg"]);
  const none = await run("versions", "none");
  assert.deepEqual([none.status, none.out], [1, ""]);
});

test("get --version fetches one of a history under its own name, whichever is current", async (t) => {
  const { run, id, cwd } = await setUpHistory(t);
  for (const version of ["1", "2"]) await mkdir(join(cwd, version));
  for (const [version, name] of [
    ["1", "a.jpg"],
    ["2", "b.jpg"],
  ] as const) {
    const sha256 = createHash("sha256").update(name.repeat(200)).digest("hex");
    const [line] = jsonValues<{ file: string; sha256: string }>(
      await run("get", id, "--version", version, "-o", `${version}/`, "--json"),
    );
    assert.deepEqual([line?.sha256, basename(line?.file ?? "")], [sha256, name]);
  }
  const none = await run("get", id, "--version", "3");
  assert.deepEqual([none.status, none.said.includes("has no version 3")], [1, true]);
  assert.equal((await run("get", id, "--version", "x")).status, 2);
});

test("restore --version makes a version current, rm --version --permanent deletes one", async (t) => {
  const { run, id } = await setUpHistory(t);
  assert.equal((await run("restore", id, "--version", "1")).out, `restored  ${id}  version 1\n`);
  assert.deepEqual(await versionsOf(run, id), ["2 superseded b.jpg", "1 current a.jpg"]);
  assert.equal((await run("rm", id, "--version", "2")).status, 2, "there is no trash for it");
  assert.equal((await run("rm", id, "other", "--version", "2", "--permanent")).status, 2);
  assert.equal((await run("restore", id, "other", "--version", "2")).status, 2);
  const current = jsonValues<{ problem?: { code: string } }>(
    await run("rm", id, "--version", "1", "--permanent", "--json"),
  );
  assert.equal(current[0]?.problem?.code, "version-current");
  assert.deepEqual(jsonValues(await run("rm", id, "--version", "2", "--permanent", "--json")), [
    { id, version: 2, state: "purged" },
  ]);
  assert.deepEqual(await versionsOf(run, id), ["1 current a.jpg"]);
  assert.equal((await run("restore", id, "--version", "2")).status, 1);
});

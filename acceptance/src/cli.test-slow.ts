import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertSaid } from "./harness/assert-said.ts";
import { listAll } from "./harness/files.ts";
import { makeJpeg, makePng } from "./harness/images.ts";
import { jsonLines, makeFolder, removeFolder, runCli, spawnCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { sha256Of } from "./harness/transfer.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { StoredFile } from "./harness/wire.ts";

let server: Server;
let person: Person;
let home: string;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
  home = await makeFolder("home");
});
after(async () => {
  await server.stop();
  await removeFolder(home);
});

interface PutLine {
  readonly file: string;
  readonly id?: string;
  readonly state?: string;
  readonly sha256?: string;
  readonly problem?: unknown;
}

/** As a person who has a token in the environment and a home of their own. */
const asPerson = (who: Person = person) => ({
  STOWAGE_SERVER: server.api,
  STOWAGE_TOKEN: who.token,
  HOME: home,
  XDG_CONFIG_HOME: join(home, ".config"),
  XDG_STATE_HOME: join(home, ".state"),
});

const stowage = (args: readonly string[], options: { readonly cwd?: string; readonly who?: Person } = {}) =>
  runCli(args, { env: asPerson(options.who), ...(options.cwd === undefined ? {} : { cwd: options.cwd }) });

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await makeFolder("files");
  try {
    await use(folder);
  } finally {
    await removeFolder(folder);
  }
}

test("help lists every command and says how each is used", async () => {
  const bare = await runCli(["--help"]);
  assertSaid(bare, 0);
  const text = `${bare.stdout}${bare.stderr}`;
  for (const command of ["up", "user add", "token", "put", "ls", "get", "rm", "config"])
    assert.match(text, new RegExp(`^\\s*(stowage )?${command}\\b`, "m"), command);
  const help = await Promise.all(
    [["up"], ["user", "add"], ["token"], ["put"], ["ls"], ["get"], ["rm"], ["restore"], ["config"]].map(
      (words) => runCli([...words, "--help"]),
    ),
  );
  for (const result of help) {
    assertSaid(result, 0);
    assert.match(`${result.stdout}${result.stderr}`, /usage/i);
  }
});

test("wrong usage is exit 2 with a sentence that names it", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["frobnicate"], /frobnicate/],
    [["put"], /./],
    [["put", "--frobnicate", "a.png"], /frobnicate/],
    [["get"], /./],
    [["rm"], /./],
    [["user"], /./],
    [["user", "frobnicate"], /frobnicate/],
    [["token"], /./],
    [["user", "add"], /./],
    [["up", "extra"], /extra|./],
    [["constructor"], /constructor/],
    [["__proto__"], /__proto__/],
  ];
  const results = await Promise.all(cases.map(([args]) => stowage(args)));
  for (const [index, result] of results.entries()) {
    assertSaid(result, 2, cases[index]?.[1]);
    assert.equal(result.stdout, "", `standard output is for results: ${cases[index]?.[0].join(" ")}`);
  }
});

test("put sends a file, waits for ready, and says so on a line of JSON", async () => {
  await inFolder(async (folder) => {
    const picture = await makePng();
    await writeFile(join(folder, "one.png"), picture);
    const result = await stowage(["put", "one.png", "--json", "--meta", "step=12", "--meta", "b=c=d"], {
      cwd: folder,
    });
    assertSaid(result, 0);
    const [line, ...rest] = jsonLines<PutLine>(result.stdout);
    assert.equal(rest.length, 0, result.stdout);
    assert.match(line?.file ?? "", /one\.png$/);
    assert.equal(line?.state, "ready");
    assert.equal(line?.sha256, sha256Of(picture));
    const files = await listAll<StoredFile>(person.api, "/v1/files");
    const file = files.find(({ sha256 }) => sha256 === line?.sha256);
    assert.equal(file?.id, line?.id, "the id is the one that get, rm and share take");
    assert.equal(file?.name, "one.png");
    assert.deepEqual(file?.metadata, { step: "12", b: "c=d" });
  });
});

test("people are told on standard error; standard output stays for results", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "words.png"), await makePng());
    const result = await stowage(["put", "words.png"], { cwd: folder });
    assertSaid(result, 0);
    assert.match(`${result.stdout}${result.stderr}`, /words\.png/);
    const list = await stowage(["ls"]);
    assertSaid(list, 0);
    assert.match(list.stdout, /words\.png/);
  });
});

test("a newcomer puts, lists, gets and removes a file", async () => {
  const newcomer = await addPerson(server, "newcomer");
  await inFolder(async (folder) => {
    const picture = await makeJpeg({ width: 300, height: 200 });
    await writeFile(join(folder, "beach.jpg"), picture);
    const [put] = jsonLines<PutLine>(
      (await stowage(["put", join(folder, "beach.jpg"), "--json"], { who: newcomer })).stdout,
    );
    const id = put?.id ?? "";
    const listed = await stowage(["ls", "--json"], { who: newcomer });
    assertSaid(listed, 0);
    assert.deepEqual(
      jsonLines<StoredFile>(listed.stdout).map((file) => [file.id, file.name]),
      [[id, "beach.jpg"]],
    );
    const got = await stowage(["get", id, "-o", "copy.jpg"], { cwd: folder, who: newcomer });
    assertSaid(got, 0);
    assert.deepEqual(await readFile(join(folder, "copy.jpg")), picture);
    await mkdir(join(folder, "elsewhere"));
    assertSaid(await stowage(["get", id], { cwd: join(folder, "elsewhere"), who: newcomer }), 0);
    assert.deepEqual(await readFile(join(folder, "elsewhere", "beach.jpg")), picture);
    assertSaid(await stowage(["rm", id], { who: newcomer }), 0);
    assertSaid(await stowage(["restore", id], { who: newcomer }), 0);
    assert.match((await stowage(["ls"], { who: newcomer })).stdout, new RegExp(id));
    assertSaid(await stowage(["rm", id], { who: newcomer }), 0);
    const after = await stowage(["ls", "--json"], { who: newcomer });
    assert.equal(after.stdout, "");
    assertSaid(await stowage(["get", id, "-o", "gone.jpg"], { cwd: folder, who: newcomer }), 1);
    await assert.rejects(readFile(join(folder, "gone.jpg")), "a failed get leaves no file behind");
  });
});

test("paths resolve against where the person stands, also under npm", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "here.png"), await makePng());
    const result = await runCli(["put", "here.png", "--json"], {
      env: { ...asPerson(), INIT_CWD: folder },
    });
    assertSaid(result, 0);
    assert.equal(jsonLines<PutLine>(result.stdout)[0]?.state, "ready");
  });
});

test("the same file put twice is one file", async () => {
  const twice = await addPerson(server, "twice");
  await inFolder(async (folder) => {
    await writeFile(join(folder, "again.png"), await makePng());
    const ids: (string | undefined)[] = [];
    for (let round = 0; round < 2; round += 1) {
      const result = await stowage(["put", "again.png", "--json"], { cwd: folder, who: twice });
      assertSaid(result, 0);
      ids.push(jsonLines<PutLine>(result.stdout)[0]?.id);
    }
    assert.equal(ids[0], ids[1]);
    assert.equal((await listAll(twice.api, "/v1/files")).length, 1);
  });
});

test("a put that was killed at any moment goes on where it stopped", async () => {
  const unlucky = await addPerson(server, "unlucky");
  await inFolder(async (folder) => {
    const names = Array.from({ length: 12 }, (_, index) => `${index}.png`);
    for (const name of names) await writeFile(join(folder, name), await makePng({ width: 200, height: 150 }));
    for (let round = 0; round < 4; round += 1) {
      const child = spawnCli(["put", "-r", ".", "--json"], { cwd: folder, env: asPerson(unlucky) });
      child.stdout?.resume();
      child.stderr?.resume();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      // From the first upload on, at another moment each round.
      await waitFor(
        "the killed put to have begun",
        async () =>
          child.exitCode !== null ||
          (await listAll(unlucky.api, "/v1/uploads")).length > round * 3 ||
          undefined,
        { everyMs: 5 },
      );
      child.kill("SIGKILL");
      await ended;
    }
    const result = await stowage(["put", "-r", ".", "--json"], { cwd: folder, who: unlucky });
    assertSaid(result, 0);
    const lines = jsonLines<PutLine>(result.stdout);
    assert.equal(lines.length, names.length);
    assert.ok(lines.every(({ state }) => state === "ready"));
    const files = await listAll<StoredFile>(unlucky.api, "/v1/files");
    assert.equal(files.length, names.length, "each file is there once");
    assert.equal(new Set(files.map(({ sha256 }) => sha256)).size, names.length);
  });
});

test("put -r takes a folder's files, below it too, and names each", async () => {
  const tidy = await addPerson(server, "tree");
  await inFolder(async (folder) => {
    await mkdir(join(folder, "a", "b"), { recursive: true });
    const paths = ["top.png", join("a", "middle.png"), join("a", "b", "deep 🙂 name.png"), "-dash.png"];
    for (const path of paths) await writeFile(join(folder, path), await makePng());
    const result = await stowage(["put", "-r", folder, "--json"], { who: tidy });
    assertSaid(result, 0);
    const lines = jsonLines<PutLine>(result.stdout);
    for (const path of paths)
      assert.ok(
        lines.some((line) => line.file.endsWith(path) && line.state === "ready"),
        path,
      );
    const names = (await listAll<StoredFile>(tidy.api, "/v1/files")).map(({ name }) =>
      name.split("/").at(-1),
    );
    assert.deepEqual(names.sort(), ["-dash.png", "deep 🙂 name.png", "middle.png", "top.png"]);
  });
});

test("a folder without -r is refused, and so is a file that is not there", async () => {
  await inFolder(async (folder) => {
    const asFile = await stowage(["put", folder]);
    assert.ok(asFile.status === 1 || asFile.status === 2, `${asFile.status}`);
    assert.match(asFile.stderr, /-r\b|folder|directory/i);
    const missing = await stowage(["put", join(folder, "no-such.png")]);
    assert.ok(missing.status === 1 || missing.status === 2, `${missing.status}`);
    assertSaid(missing, missing.status ?? 0, /no-such\.png/);
    await writeFile(join(folder, "there.png"), await makePng());
    const some = await stowage(["put", "no-such.png", "there.png", "--json"], { cwd: folder });
    assertSaid(some, 3);
    const lines = jsonLines<PutLine>(some.stdout);
    assert.ok(lines.find(({ file }) => file.endsWith("no-such.png"))?.problem, some.stdout);
    assert.equal(lines.find(({ file }) => file.endsWith("there.png"))?.state, "ready");
  });
});

test("one bad file of several is exit 3, all bad is exit 1, and each is told with its reason", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "good.png"), await makePng());
    await writeFile(join(folder, "bad.png"), "this is no picture");
    await writeFile(join(folder, "bad.exe"), "MZ");
    const some = await stowage(["put", "good.png", "bad.png", "bad.exe", "--json"], { cwd: folder });
    assertSaid(some, 3);
    const lines = jsonLines<PutLine>(some.stdout);
    assert.equal(lines.length, 3, some.stdout);
    const lineOf = (name: string) => lines.find(({ file }) => file.endsWith(name));
    assert.equal(lineOf("good.png")?.state, "ready");
    for (const name of ["bad.png", "bad.exe"]) assert.notEqual(lineOf(name)?.state, "ready", name);
    assert.match(JSON.stringify(lineOf("bad.exe")?.problem ?? ""), /[a-z]{3}/, some.stdout);
    const all = await stowage(["put", "bad.png", "bad.exe"], { cwd: folder });
    assertSaid(all, 1, /bad\.png/);
    assert.match(all.stderr, /bad\.exe/);
  });
});

test("some of several ids that are unknown make rm exit 3, a single one exit 1", async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, "x.png"), await makePng());
    const [put] = jsonLines<PutLine>((await stowage(["put", "x.png", "--json"], { cwd: folder })).stdout);
    assertSaid(await stowage(["rm", put?.id ?? "", "no-such-file"]), 3, /no-such-file/);
    assertSaid(await stowage(["rm", "no-such-file"]), 1, /no-such-file/);
  });
});

test("a hostile name neither leads get out of its folder nor speaks to the terminal", async () => {
  const hostile = await addPerson(server, "hostile");
  const names = [
    "../../escaped.png",
    "/tmp/escaped.png",
    "..",
    ".",
    ".bashrc",
    "-o",
    "a\u001b[2J\u001b[31mred.png",
    "b\r\nready  fake-line  fake.png",
    "\u202egnp.txet",
    "n".repeat(4000),
  ];
  const ids = new Map<string, string>();
  for (const name of names) {
    const upload = await uploadToEnd(hostile.api, await makePng(), { name });
    ids.set(name, upload.fileId);
  }
  const list = await stowage(["ls"], { who: hostile });
  assertSaid(list, 0);
  const lines = list.stdout.split("\n").filter((line) => line !== "");
  assert.equal(
    lines.filter((line) => [...ids.values()].some((id) => line.includes(id))).length,
    names.length,
  );
  assert.ok(lines.length <= names.length + 1, list.stdout);
  const isControl = (character: string) =>
    character !== "\n" && /\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u.test(character);
  assert.deepEqual([...list.stdout].filter(isControl), [], "ls lets names speak to the terminal");

  await inFolder(async (parent) => {
    const folder = join(parent, "deep", "down");
    await mkdir(folder, { recursive: true });
    for (const [name, id] of ids) {
      const got = await stowage(["get", id], { cwd: folder, who: hostile });
      assert.ok(got.status === 0 || got.status === 1, `${JSON.stringify(name)}: ${got.status} ${got.stderr}`);
      assert.doesNotMatch(got.stderr, /^\s+at /m);
      assert.deepEqual([...got.stderr].filter(isControl), [], "get lets names speak to the terminal");
    }
    const outside = (await readdir(parent, { recursive: true })).filter(
      (path) =>
        path !== "deep" &&
        path !== join("deep", "down") &&
        !path.startsWith(join("deep", "down", "x").slice(0, -1)),
    );
    assert.deepEqual(outside, []);
    await assert.rejects(readFile("/tmp/escaped.png"));
    await assert.rejects(readFile(join(folder, ".bashrc")), "a hidden file came out of a name");
  });
});

test("whoever is not signed in is told how to, with exit 4", async () => {
  const empty = { HOME: home, XDG_CONFIG_HOME: join(home, "nothing"), XDG_STATE_HOME: join(home, "nothing") };
  const without = { ...empty, STOWAGE_SERVER: server.api };
  const garbage = { ...without, STOWAGE_TOKEN: "garbage" };
  const results = await Promise.all([
    ...[["ls"], ["put", "package.json"], ["rm", "x"], ["get", "x"]].map((args) =>
      runCli(args, { env: without }),
    ),
    ...[["ls"], ["put", "package.json"]].map((args) => runCli(args, { env: garbage })),
  ]);
  for (const result of results) assertSaid(result, 4, /token|sign/i);
});

test("a server that is not there is a sentence and exit 1", async () => {
  const result = await runCli(["ls"], { env: { ...asPerson(), STOWAGE_SERVER: "http://127.0.0.1:1" } });
  assertSaid(result, 1, /127\.0\.0\.1:1/);
});

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { getFile } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { type CliResult, jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { sha256Of } from "./harness/transfer.ts";
import { uploadToEnd } from "./harness/upload.ts";
import type { FileVersion } from "./harness/wire.ts";

let server: Server;
let person: Person;
let folder: string;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
  folder = await makeFolder("versions");
});
after(async () => {
  await server.stop();
  await removeFolder(folder);
});

interface PutLine {
  readonly id?: string;
  readonly state?: string;
  readonly sha256?: string;
  readonly alreadyThere?: boolean;
  readonly version?: number;
  readonly versionState?: string;
}

const stowage = (...args: readonly string[]): Promise<CliResult> =>
  runCli(args, {
    env: { STOWAGE_SERVER: server.api, STOWAGE_TOKEN: person.token, HOME: folder },
    cwd: folder,
  });

async function put(name: string, ...args: readonly string[]): Promise<PutLine> {
  const result = await stowage("put", name, "--json", ...args);
  assert.equal(result.status, 0, result.stderr);
  const [line] = jsonLines<PutLine>(result.stdout);
  assert.ok(line, result.stderr);
  return line;
}

const write = async (name: string): Promise<Buffer> => {
  const bytes = await makePng();
  await writeFile(join(folder, name), bytes);
  return bytes;
};

test("a file's life by the command line: replaced, looked through, fetched, restored, thinned out", async () => {
  const first = await write("plan.png");
  const { id = "" } = await put("plan.png");
  const second = await write("plan.png");
  const replaced = await put("plan.png", "--replace", id);
  assert.deepEqual(
    [replaced.id, replaced.state, replaced.sha256, replaced.version, replaced.versionState],
    [id, "ready", sha256Of(second), 2, "current"],
  );
  const again = await put("plan.png", "--replace", id);
  assert.deepEqual([again.version, again.alreadyThere], [2, true], "the same bytes are not sent twice");

  const history = jsonLines<FileVersion>((await stowage("versions", id, "--json")).stdout);
  assert.deepEqual(
    history.map(({ version, state, sha256 }) => [version, state, sha256]),
    [
      [2, "current", sha256Of(second)],
      [1, "superseded", sha256Of(first)],
    ],
  );
  assert.match(
    (await stowage("versions", id)).stdout,
    /^VERSION {2}STATE .*\n {6}2 {2}current .*\n {6}1 {2}superseded /,
  );

  const fetched = await stowage("get", id, "--version", "1", "-o", "old.png");
  assert.equal(fetched.status, 0, fetched.stderr);
  assert.deepEqual(await readFile(join(folder, "old.png")), first);
  assert.equal((await stowage("restore", id, "--version", "1")).status, 0);
  assert.equal((await getFile(person.api, id)).sha256, sha256Of(first));
  assert.equal((await stowage("rm", id, "--version", "1", "--permanent")).status, 1, "it is the current one");
  assert.equal((await stowage("rm", id, "--version", "2", "--permanent")).status, 0);
  assert.equal((await stowage("get", id, "--version", "2", "-o", "none.png")).status, 1);
});

test("a replacement that was announced before and checked later is a conflict, which versions shows and restore chooses", async () => {
  await write("note.png");
  const { id = "" } = await put("note.png");
  const theirs = await makePng();
  const mine = await write("note.png");
  // Theirs is announced and sent before, and checked after mine.
  const sent = await person.api.post("/v1/uploads", {
    files: [
      {
        ref: "theirs",
        name: "theirs.png",
        sizeBytes: theirs.length,
        contentType: "image/png",
        sha256: sha256Of(theirs),
        replaces: { fileId: id, version: 1 },
      },
    ],
  });
  assert.equal(sent.status, 201);
  const current = await put("note.png", "--replace", id);
  assert.equal(current.versionState, "current");
  const conflict = await uploadToEnd(person.api, theirs, {
    ref: "theirs",
    name: "theirs.png",
    replaces: { fileId: id, version: 1 },
  });
  assert.equal(conflict.state, "ready");
  assert.deepEqual(
    jsonLines<FileVersion>((await stowage("versions", id, "--json")).stdout).map(({ version, state }) => [
      version,
      state,
    ]),
    [
      [3, "conflict"],
      [2, "current"],
      [1, "superseded"],
    ],
  );
  assert.equal((await getFile(person.api, id)).sha256, sha256Of(mine));
  const chosen = await stowage("restore", id, "--version", "3");
  assert.equal(chosen.status, 0, chosen.stderr);
  assert.equal((await getFile(person.api, id)).sha256, sha256Of(theirs));
});

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { capturedRun, jsonValues } from "../../cli/testing/captured-run.ts";
import { temporaryFolder } from "../../cli/testing/temporary-folder.ts";
import { bucketFiles, fillDataDirectory, flipBit, sha256Of } from "../../testing/data-directory.ts";
import { databaseFile } from "../data-directory-places.ts";

const run = (dataDir: string, ...args: string[]) => capturedRun(["reconcile", "--data", dataDir, ...args]);

interface Line {
  readonly kind: string;
  readonly key?: string;
  readonly mended?: boolean;
  readonly [member: string]: unknown;
}

async function runJson(dataDir: string, ...args: string[]) {
  const result = await run(dataDir, "--json", ...args);
  const lines = jsonValues<Line>(result);
  const summary = lines.pop();
  assert.equal(summary?.kind, "summary", result.said);
  return { status: result.status, findings: lines, summary };
}

test("a sound data directory ends with 0, and it says how much was looked at", async (t) => {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(dataDir, async ({ addFile }) => {
    await addFile(randomBytes(100_000));
    await addFile(randomBytes(10));
  });
  const { status, findings, summary } = await runJson(dataDir, "--deep");
  assert.equal(status, 0);
  assert.deepEqual(findings, []);
  assert.deepEqual(summary, {
    kind: "summary",
    dryRun: false,
    objects: 4,
    objectBytes: 100_010 + 2 * 11,
    versions: 2,
    derivatives: 2,
    files: 2,
    people: 1,
    readBytes: 100_010 + 2 * 11,
    findings: {},
    faults: 0,
  });
  const { status: again, said, out } = await run(dataDir);
  assert.deepEqual([again, out], [0, ""]);
  assert.match(
    said,
    /4 objects \(100\.0 kB\), 2 versions with 2 derivatives, 1 person\.\nAll is as it should be/,
  );
});

test("a flipped bit is found by --deep alone, and that one file is named", async (t) => {
  const dataDir = await temporaryFolder(t);
  const [file] = await fillDataDirectory(dataDir, async ({ addFile }) => [
    await addFile(randomBytes(200_000)),
    await addFile(randomBytes(1000)),
  ]);
  const [path = "", ...others] = bucketFiles(dataDir, 200_000);
  assert.equal(others.length, 0);
  flipBit(path);
  assert.equal((await runJson(dataDir)).status, 0);
  const { status, findings, summary } = await runJson(dataDir, "--deep");
  assert.equal(status, 1);
  const { id: fileId, ownerId, current } = file ?? assert.fail();
  assert.deepEqual(findings, [
    { kind: "unreadable", fileId, version: 1, ownerId, key: current.key, mended: false },
  ]);
  assert.equal(summary?.faults, 1);
  const { out, said } = await run(dataDir, "--deep");
  assert.ok(out.includes(fileId) && out.includes(current.key) && out.includes(ownerId), out);
  assert.ok(
    out.split("\n").every((line) => line.length <= 80),
    out,
  );
  assert.match(said, /1 thing wrong/);
});

test("a bit that flips in a part of an object is found too", async (t) => {
  const dataDir = await temporaryFolder(t);
  const bytes = randomBytes(5 * 1024 ** 2 + 1000);
  const file = await fillDataDirectory(dataDir, async ({ addFile, replaceInParts }) => {
    const added = await addFile(bytes);
    const cut = 5 * 1024 ** 2;
    await replaceInParts(added.current.key, [bytes.subarray(0, cut), bytes.subarray(cut)]);
    return added;
  });
  assert.deepEqual((await runJson(dataDir, "--deep")).findings, []);
  const [path = ""] = bucketFiles(dataDir, 5 * 1024 ** 2, "parts");
  flipBit(path);
  assert.deepEqual((await runJson(dataDir)).findings, []);
  assert.deepEqual(
    (await runJson(dataDir, "--deep")).findings.map(({ kind, fileId }) => [kind, fileId]),
    [["unreadable", file.id]],
  );
});

test("a header that is damaged, and a file that was cut, are found too", async (t) => {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(dataDir, async ({ addFile }) => addFile(randomBytes(200_000)));
  const [path = ""] = bucketFiles(dataDir, 200_000);
  const bytes = await readFile(path);
  await writeFile(path, Buffer.concat([Buffer.from([1, 2, 3]), bytes.subarray(3)]));
  const kinds = async (...args: string[]) =>
    (await runJson(dataDir, ...args)).findings.map(({ kind }) => kind);
  assert.deepEqual(await kinds("--deep"), ["unreadable"]);
  await writeFile(path, bytes.subarray(0, 100_000));
  assert.deepEqual(await kinds(), ["size-differs"]);
  await rm(path);
  assert.deepEqual(await kinds(), ["missing"]);
  assert.equal((await run(dataDir)).status, 1);
});

test("a stray object is listed by --dry-run and removed once it is old", async (t) => {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(dataDir, ({ addFile }) => addFile(randomBytes(10)));
  const strays = ["files/stray/1/original", "uploads/stray"];
  await fillDataDirectory(
    dataDir,
    async ({ put }) => {
      for (const key of strays) await put(key, Buffer.from("stray"));
    },
    { now: () => new Date(Date.now() - 25 * 3600 * 1000) },
  );
  await fillDataDirectory(dataDir, ({ put }) => put("uploads/young", Buffer.from("young")));
  const told = ({ findings }: { findings: Line[] }) =>
    findings.map(({ kind, key, mended }) => [kind, key, mended]);
  const expected = (mended: boolean) => strays.map((key) => ["orphan", key, mended]);
  const dry = await runJson(dataDir, "--dry-run");
  assert.deepEqual([dry.status, told(dry)], [0, expected(false)]);
  const wet = await runJson(dataDir);
  assert.deepEqual([wet.status, told(wet)], [0, expected(true)]);
  assert.deepEqual(told(await runJson(dataDir)), []);
  assert.deepEqual(told(await runJson(dataDir, "--older-than", "0")), [["orphan", "uploads/young", true]]);
});

test("counters that are off are set right, and a dry run only tells", async (t) => {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(dataDir, ({ addFile }) => addFile(randomBytes(10)));
  const database = new DatabaseSync(databaseFile(dataDir));
  database.exec("UPDATE principals SET used_bytes = 7");
  database.close();
  const dry = await runJson(dataDir, "--dry-run");
  assert.deepEqual(
    [dry.status, dry.findings[0]?.kind, dry.findings[0]?.mended],
    [0, "counters-differ", false],
  );
  const { out } = await run(dataDir);
  assert.match(out, /recounted person .*\n +stood at 7 bytes used, .*\n +rows say 10 bytes used/);
  assert.deepEqual((await runJson(dataDir)).findings, []);
});

test("a file that is not listed where it belongs is listed there again, and a dry run only tells", async (t) => {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(dataDir, ({ addFile }) => addFile(randomBytes(10)));
  const inDatabase = <Result>(run: (database: DatabaseSync) => Result): Result => {
    const database = new DatabaseSync(databaseFile(dataDir));
    try {
      return run(database);
    } finally {
      database.close();
    }
  };
  const terms = () => inDatabase((database) => database.prepare("SELECT * FROM file_terms").all());
  const before = terms();
  assert.ok(before.length > 0);
  inDatabase((database) => database.exec("DELETE FROM file_terms"));
  const dry = await runJson(dataDir, "--dry-run");
  assert.deepEqual([dry.status, dry.findings[0]?.kind, dry.findings[0]?.mended], [0, "lists-differ", false]);
  assert.equal(terms().length, 0);
  const { status, out, said } = await run(dataDir);
  assert.equal(status, 0, said);
  assert.match(out, /relisted {2}file .*\n +It was listed or shown otherwise/);
  assert.deepEqual(terms(), before);
  assert.deepEqual((await runJson(dataDir)).findings, []);
});

/** All that a data directory holds: each of its bucket's files with its bytes and names, each row of its database. */
function contentsOf(dataDir: string): unknown {
  const files = bucketFiles(dataDir, 0).map((path) => [
    path,
    statSync(path).nlink,
    sha256Of(readFileSync(path)),
  ]);
  const database = new DatabaseSync(databaseFile(dataDir), { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  const rows = tables.map(({ name }) => [
    name,
    database
      .prepare(`SELECT * FROM ${name}`)
      .all()
      .map((row) => JSON.stringify(row))
      .sort(),
  ]);
  database.close();
  return { files, rows };
}

test("a dry run over litter of every kind changes neither a file nor a row", async (t) => {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(
    dataDir,
    async ({ addFile, put, remove }) => {
      await addFile(randomBytes(10));
      await remove((await addFile(randomBytes(10))).current.key);
      await put("files/stray/1/original", Buffer.from("stray"));
      await put("uploads/doomed", Buffer.from("doomed"));
    },
    { now: () => new Date(Date.now() - 25 * 3600 * 1000) },
  );
  const database = new DatabaseSync(databaseFile(dataDir));
  database.exec("UPDATE principals SET used_bytes = 7");
  database.prepare("INSERT INTO doomed_objects VALUES (?, ?)").run("uploads/doomed", 0);
  database.close();
  // What a process that died was being sent.
  await writeFile(join(dataDir, "bucket", "incoming", "0-half"), "half");
  const before = contentsOf(dataDir);
  const { findings } = await runJson(dataDir, "--dry-run", "--deep", "--older-than", "0");
  assert.deepEqual(
    new Set(findings.map(({ kind }) => kind)),
    new Set(["overdue", "orphan", "missing", "counters-differ"]),
  );
  assert.ok(findings.every(({ mended }) => mended !== true));
  assert.deepEqual(contentsOf(dataDir), before);
});

test("a dry run leaves an older Stowage's database as it is, and says what to do", async (t) => {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(dataDir, ({ addFile }) => addFile(randomBytes(10)));
  const older = new DatabaseSync(databaseFile(dataDir));
  older.exec("PRAGMA user_version = 2");
  const { status, said } = await run(dataDir, "--dry-run");
  assert.equal(status, 1);
  assert.match(said, /schema version 2, and this Stowage works with \d+: start its server/);
  assert.deepEqual({ ...older.prepare("PRAGMA user_version").get() }, { user_version: 2 });
  older.close();
});

test("another database's bucket is not emptied", async (t) => {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(dataDir, async ({ put }) => {
    for (let made = 0; made < 101; made += 1) await put(`files/stray-${made}/1/original`, Buffer.from("x"));
  });
  const { status, said } = await run(dataDir, "--older-than", "0");
  assert.equal(status, 1);
  assert.match(said, /101 of 101 objects have no row .* --even-most/s);
  assert.equal(bucketFiles(dataDir, 1).length, 101);
  assert.equal((await run(dataDir, "--older-than", "0", "--even-most")).status, 0);
  assert.equal(bucketFiles(dataDir, 1).length, 0);
});

test("what can't be reconciled is said in a sentence, and nothing is made", async (t) => {
  const dataDir = await temporaryFolder(t);
  const nothing = await run(dataDir);
  assert.equal(nothing.status, 1);
  assert.match(nothing.said, /secrets\.json: no server was ever started there/);
  await fillDataDirectory(dataDir, ({ addFile }) => addFile(randomBytes(10)));
  const { masterKey: _, ...others } = JSON.parse(
    await readFile(join(dataDir, "secrets.json"), "utf8"),
  ) as Record<string, string>;
  await writeFile(
    join(dataDir, "secrets.json"),
    JSON.stringify({ ...others, masterKey: randomBytes(32).toString("base64") }),
  );
  const wrongKey = await run(dataDir);
  assert.equal(wrongKey.status, 1);
  assert.match(wrongKey.said, /another master key/);
  assert.equal((await run(dataDir, "--older-than", "soon")).status, 2);
});

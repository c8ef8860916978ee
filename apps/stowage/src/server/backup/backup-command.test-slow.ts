import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, globSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { openIssuer } from "@stowage/issuer";
import { createSqliteMetadataStore } from "@stowage/sql";
import { capturedRun, jsonValues } from "../../cli/testing/captured-run.ts";
import { temporaryFolder } from "../../cli/testing/temporary-folder.ts";
import { bucketFiles, fillDataDirectory, flipBit } from "../../testing/data-directory.ts";
import { databaseFile, issuerDirectory } from "../data-directory-places.ts";

interface Line {
  readonly kind: string;
  readonly backup?: string;
  readonly files?: number;
  readonly copiedBytes?: number;
  readonly faults?: number;
  readonly file?: string;
  readonly path?: string;
  readonly removed?: readonly string[];
}

interface Place {
  readonly dataDir: string;
  readonly place: string;
  readonly target: string;
}

/** A data directory with two files, one of them in parts, and accounts; and where its backups go. */
async function setUp(t: TestContext): Promise<Place> {
  const folder = await temporaryFolder(t);
  const dataDir = join(folder, "data");
  await mkdir(dataDir, { mode: 0o700 });
  await fillDataDirectory(dataDir, async ({ addFile, replaceInParts }) => {
    await addFile(randomBytes(100_000));
    const parts = [randomBytes(5 * 1024 ** 2), randomBytes(1000)];
    const video = await addFile(Buffer.concat(parts));
    await replaceInParts(video.current.key, parts);
  });
  const issuer = await openIssuer({ directory: issuerDirectory(dataDir) });
  await issuer.addAccount({ email: "ann@example.com" });
  await issuer.invite({ email: "bea@example.com", expiresInSeconds: 3600 });
  issuer.close();
  return { dataDir, place: join(folder, "backups"), target: join(folder, "restored") };
}

async function run(...args: string[]) {
  const result = await capturedRun([...args, "--json"]);
  const lines = jsonValues<Line>(result);
  const last = lines.at(-1);
  return { ...result, lines, summary: last?.kind === "summary" ? last : undefined };
}

async function backUp({ dataDir, place }: Place, ...args: string[]) {
  const result = await run("backup", place, "--data", dataDir, ...args);
  assert.equal(result.status, 0, result.said);
  return result.summary ?? assert.fail(result.out);
}

const restore = ({ place, target }: Place, ...args: string[]) =>
  run("restore", place, "--data", target, ...args);
const deep = async (dataDir: string) =>
  jsonValues<Line>(await capturedRun(["reconcile", "--deep", "--dry-run", "--json", "--data", dataDir]));

const largest = (place: string): string =>
  globSync("objects/*/*", { cwd: place })
    .map((path) => join(place, path))
    .sort((a, b) => statSync(b).size - statSync(a).size)[0] ?? assert.fail("no objects");

test("what is restored is what was backed up: each object whole, by as many names, for its owner's eyes only", async (t) => {
  const where = await setUp(t);
  const { files, copiedBytes = 0 } = await backUp(where);
  assert.ok(copiedBytes > 5_000_000, `${copiedBytes}`);
  const restored = await restore(where);
  assert.equal(restored.status, 0, restored.said);
  assert.equal(restored.summary?.files, files);
  const lines = await deep(where.target);
  assert.deepEqual(
    lines.map(({ kind, faults }) => ({ kind, faults })),
    [{ kind: "summary", faults: 0 }],
  );
  const inodes = (dataDir: string) =>
    new Map(bucketFiles(dataDir, 0).map((path) => [path.slice(dataDir.length), statSync(path).nlink]));
  assert.deepEqual(inodes(where.target), inodes(where.dataDir));
  for (const root of [where.place, where.target])
    for (const path of globSync("**", { cwd: root })) {
      const { mode } = statSync(join(root, path));
      assert.equal(mode & 0o077, 0, path);
    }
  assert.equal(
    readFileSync(join(where.target, "secrets.json"), "utf8"),
    readFileSync(join(where.dataDir, "secrets.json"), "utf8"),
  );
});

test("a restore leaves one event in the audit, behind those of then, and which backup it was", async (t) => {
  const where = await setUp(t);
  const { backup } = await backUp(where);
  assert.equal((await run("restore", where.place, "--data", where.target)).status, 0);
  const exported = async (dataDir: string) =>
    (await capturedRun(["audit", "export", "--data", dataDir])).bytes.toString().trimEnd().split("\n");
  const lines = await exported(where.target);
  assert.deepEqual(lines.slice(0, -1), await exported(where.dataDir));
  const { actor, action, targetId, detail } = JSON.parse(lines.at(-1) ?? "");
  assert.deepEqual([actor, action, targetId], ["system", "data.restored", basename(backup ?? "")]);
  assert.match(detail, /^\{"takenAt":"\d{4}-[^"]+Z"\}$/);
});

test("a token for a program that was taken back since does not come back, unless sign-ins are kept", async (t) => {
  const where = await setUp(t);
  const store = await createSqliteMetadataStore({ file: databaseFile(where.dataDir) });
  const issuer = "https://issuer.example";
  const { id: personId } = await store.ensurePrincipal({ issuer, subject: "carol", newId: "carol" });
  const minted = await store.mintDelegation({
    ...{ id: "token", personId, byTokenOfMs: Date.now(), scopes: ["uploads:write"], bounds: {} },
    ...{ lifetimeMs: 3_600_000, maxPerPerson: 9 },
  });
  assert.equal(minted.outcome, "minted");
  await store.close();
  await backUp(where);
  for (const [target, ...args] of [[where.target], [`${where.target}-kept`, "--keep-sign-ins"]] as const) {
    assert.equal((await restore({ ...where, target }, ...args)).status, 0);
    const restored = await createSqliteMetadataStore({ file: databaseFile(target) });
    assert.equal((await restored.findCapability("token")) !== undefined, args.length > 0);
    await restored.close();
  }
});

test("a second backup copies only what is new, and the first one stays what it was", async (t) => {
  const where = await setUp(t);
  const first = await backUp(where);
  const file = await fillDataDirectory(where.dataDir, ({ addFile }) => addFile(randomBytes(10_000)));
  const second = await backUp(where);
  assert.ok(
    (second.copiedBytes ?? 0) > 10_000 && (second.copiedBytes ?? 0) < 30_000,
    `${second.copiedBytes}`,
  );
  assert.equal(second.files, (first.files ?? 0) + 2);
  assert.equal((await backUp(where)).copiedBytes, 0);
  const old = await run("restore", first.backup ?? "", "--data", where.target);
  assert.equal(old.status, 0, old.said);
  await fillDataDirectory(where.target, async () => undefined);
  const lines = await deep(where.target);
  assert.deepEqual(lines.at(-1)?.faults, 0);
  assert.ok(!readFileSync(databaseFile(where.target)).includes(file.id));
});

test("--keep removes older backups and what only they needed, and nothing else", async (t) => {
  const where = await setUp(t);
  const { key } = await fillDataDirectory(
    where.dataDir,
    async ({ addFile }) => (await addFile(randomBytes(200_000))).current,
  );
  const first = await backUp(where);
  await fillDataDirectory(where.dataDir, async ({ remove, put }) => {
    await remove(key);
    await put(`${key}-other`, randomBytes(10));
    await put(key, randomBytes(10));
  });
  const objects = () => globSync("objects/*/*", { cwd: where.place }).length;
  const before = objects();
  const second = await backUp(where, "--keep", "1");
  assert.deepEqual(second.removed, [first.backup?.split("/").at(-1)]);
  assert.equal(objects(), before + 1, "two came, one went");
  assert.equal((await run("backup", "--verify", where.place)).status, 0);
  assert.equal((await restore(where)).status, 0);
});

test("a flipped bit, and an object that is gone, are told by name; all else is restored", async (t) => {
  const where = await setUp(t);
  await backUp(where);
  const damaged = largest(where.place);
  flipBit(damaged);
  for (const [args, kind] of [
    [["backup", "--verify", where.place], "damaged"],
    [["restore", where.place, "--data", where.target], "damaged"],
  ] as const) {
    const { status, lines } = await run(...args);
    assert.equal(status, 1);
    assert.deepEqual(
      lines.slice(0, -1).map((line) => [line.kind, line.file]),
      [[kind, damaged]],
    );
  }
  const faults = (await deep(where.target)).filter(({ kind }) => kind !== "summary");
  assert.equal(faults.length, 1, JSON.stringify(faults));

  rmSync(damaged);
  assert.equal((await run("backup", "--verify", where.place)).lines[0]?.kind, "missing");
  const anew = await backUp(where);
  assert.ok((anew.copiedBytes ?? 0) > 5_000_000, "what is gone is copied anew");
  assert.equal((await run("backup", "--verify", where.place)).status, 0);
});

for (const name of ["stowage.sqlite", "files.sqlite", "secrets.json", "issuer.sqlite", "manifest.json"])
  test(`a backup whose ${name} is cut, changed or gone is refused, and nothing is written`, async (t) => {
    const where = await setUp(t);
    const { backup = "" } = await backUp(where);
    const path = join(backup, name);
    const bytes = readFileSync(path);
    const spoilings = [() => truncateSync(path, bytes.length - 100), () => flipBit(path), () => rmSync(path)];
    for (const [index, spoil] of spoilings.entries()) {
      await writeFile(path, bytes);
      spoil();
      // The manifest's own digits are its word: a bit of them that flips makes some other file a wrong one.
      const { status, said } = await run("restore", backup, "--data", where.target);
      assert.equal(status, 1, `${index}: ${said}`);
      assert.match(said, /damaged|not whole|no complete backup/);
      assert.ok(!existsSync(where.target), said);
    }
  });

test("a restore never writes over anything, and one that was broken off is neither started on nor gone on with", async (t) => {
  const where = await setUp(t);
  await backUp(where);
  await mkdir(where.target);
  await writeFile(join(where.target, "mine"), "");
  const refused = await restore(where);
  assert.equal(refused.status, 1);
  assert.match(refused.said, /is not empty/);
  assert.deepEqual(readdirSync(where.target), ["mine"]);

  rmSync(where.target, { recursive: true });
  const stopping = new AbortController();
  stopping.abort();
  await capturedRun(["restore", where.place, "--data", where.target], { signal: stopping.signal });
  await mkdir(where.target, { recursive: true });
  await writeFile(join(where.target, "unfinished-restore"), "");
  for (const args of [
    ["restore", where.place, "--data", where.target],
    ["up", "--data", where.target, "--port", "0"],
  ]) {
    const { status, said } = await capturedRun(args);
    assert.deepEqual([status, /broken off/.test(said)], [1, true], said);
  }
});

test("a folder that holds something else, or the data itself, is no place for backups", async (t) => {
  const where = await setUp(t);
  for (const place of [where.dataDir, join(where.dataDir, "backups")]) {
    const { status, said } = await run("backup", place, "--data", where.dataDir);
    assert.deepEqual([status, /can't be within/.test(said)], [1, true], said);
  }
  await mkdir(where.place);
  await writeFile(join(where.place, "holiday.jpg"), "");
  const { status, said } = await run("backup", where.place, "--data", where.dataDir);
  assert.deepEqual([status, /something else than backups/.test(said)], [1, true], said);
  assert.deepEqual(readdirSync(where.place), ["holiday.jpg"]);
});

test("an object that a row has lost is told by name, and all else is in the backup", async (t) => {
  const where = await setUp(t);
  const file = await fillDataDirectory(where.dataDir, async ({ addFile, remove }) => {
    const added = await addFile(randomBytes(10));
    await remove(added.current.key);
    return added;
  });
  const { status, lines } = await run("backup", where.place, "--data", where.dataDir);
  assert.equal(status, 1);
  assert.deepEqual(lines.slice(0, -1), [
    { kind: "missing", key: file.current.key, file: { id: file.id, version: 1 } },
  ]);
  assert.equal((await restore(where)).status, 0);
});

test("a newest backup without its manifest is refused by name, and an older one is restored only by its own", async (t) => {
  const where = await setUp(t);
  await backUp(where);
  await backUp(where);
  const [older = "", newest = ""] = readdirSync(where.place)
    .filter((each) => each.startsWith("2"))
    .sort();
  rmSync(join(where.place, newest, "manifest.json"));
  for (const refused of [
    await restore(where),
    await run("backup", "--verify", where.place, "--data", where.dataDir),
  ]) {
    assert.equal(refused.status, 1);
    assert.ok(
      refused.said.includes(`${join(where.place, newest)}, the newest backup, is damaged`),
      refused.said,
    );
    assert.ok(refused.said.includes(join(where.place, older)), refused.said);
  }
  assert.ok(!existsSync(where.target));
  assert.equal((await run("restore", join(where.place, older), "--data", where.target)).status, 0);
});

test("what a backup that was broken off had copied is not copied again", async (t) => {
  const where = await setUp(t);
  await backUp(where);
  const [name = ""] = readdirSync(where.place).filter((each) => each.startsWith("2"));
  // As if it had been killed at its last step.
  const unfinished = join(where.place, "unfinished");
  await import("node:fs/promises").then(({ rename }) => rename(join(where.place, name), unfinished));
  rmSync(join(unfinished, "manifest.json"));
  assert.equal((await run("restore", where.place, "--data", where.target)).status, 1);
  const again = await backUp(where);
  assert.equal(again.copiedBytes, 0);
  assert.ok(!existsSync(unfinished) && !existsSync(join(where.place, "interrupted.sqlite")));
  assert.equal((await restore(where)).status, 0);
});

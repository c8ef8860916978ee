import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { openIssuer } from "@stowage/issuer";
import { capturedRun, jsonValues } from "../../cli/testing/captured-run.ts";
import { temporaryFolder } from "../../cli/testing/temporary-folder.ts";
import { fillDataDirectory } from "../../testing/data-directory.ts";
import { readConfiguration } from "../configuration.ts";
import { lockDataDirectory } from "../data-directory-lock.ts";
import { bucketDirectory, databaseFile, issuerDirectory } from "../data-directory-places.ts";
import { writeRunning } from "../running.ts";
import { checkNode } from "./check-node.ts";
import { checkPublicUrls, checkTrustedProxies } from "./check-public-urls.ts";
import { checkServer } from "./check-server.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** A data directory as a start leaves it, with a file in it. */
async function makeDataDirectory(t: TestContext): Promise<string> {
  const dataDir = await temporaryFolder(t);
  await fillDataDirectory(dataDir, ({ addFile }) => addFile(randomBytes(100)));
  (await openIssuer({ directory: issuerDirectory(dataDir) })).close();
  settings(dataDir, { port: 0 });
  return dataDir;
}

const settings = (dataDir: string, values: object) =>
  writeFileSync(join(dataDir, "stowage.json"), JSON.stringify(values));

async function diagnose(dataDir: string) {
  const result = await capturedRun(["doctor", "--json", "--data", dataDir]);
  const diagnoses = jsonValues<Diagnosis>(result);
  const of = (status: Diagnosis["status"]) =>
    diagnoses.filter((each) => each.status === status).map(({ check }) => check);
  assert.equal(result.status, of("failed").length > 0 ? 1 : 0, result.said);
  for (const { status, detail, fix } of diagnoses) {
    assert.match(detail, /[.!?]$/);
    assert.equal(fix !== undefined, status === "failed" || status === "warning");
  }
  const find = (check: string) => diagnoses.find((each) => each.check === check) ?? assert.fail(check);
  // Whether ffmpeg is installed is the machine's.
  const skipped = of("skipped").filter((check) => check !== "films");
  return { failed: of("failed"), warnings: of("warning"), skipped, find };
}

/** Exactly this one check fails. */
async function assertFails(dataDir: string, check: string, sentence: RegExp) {
  const { failed, find } = await diagnose(dataDir);
  assert.deepEqual(failed, [check]);
  assert.match(find(check).detail, sentence);
}

test("a data directory as it should be passes every check, without a server", async (t) => {
  const dataDir = await makeDataDirectory(t);
  // What a machine lets is not the data directory's.
  settings(dataDir, { port: 0, "inspect.sandbox": "none" });
  const { failed, warnings, skipped, find } = await diagnose(dataDir);
  assert.deepEqual([failed, warnings, skipped], [[], [], ["api", "backup"]]);
  assert.match(find("bucket").detail, /17 of 17/);
  const { out, said, status } = await capturedRun(["doctor", "--data", dataDir]);
  assert.equal(status, 0);
  assert.match(said, /All is well\./);
  for (const line of out.trimEnd().split("\n")) assert.ok(line.length <= 80, line);
});

test("a data directory that is not there, and one before its first start", async (t) => {
  const folder = await temporaryFolder(t);
  await assertFails(join(folder, "none"), "data-directory", /There is no data directory/);
  settings(folder, { port: 0 });
  const { failed, skipped } = await diagnose(folder);
  assert.deepEqual([failed, skipped], [[], ["secrets", "api", "database", "accounts", "backup", "bucket"]]);
});

test("where checkpoints of the audit go, and that they can", async (t) => {
  const dataDir = await makeDataDirectory(t);
  assert.match((await diagnose(dataDir)).find("audit").detail, /on the database's own disk/);
  settings(dataDir, { port: 0, "audit.checkpoints": join(dataDir, "none", "checkpoints.jsonl") });
  await assertFails(dataDir, "audit", /can't be written to .*checkpoints\.jsonl/);
});

test("who may look in", async (t) => {
  const dataDir = await makeDataDirectory(t);
  chmodSync(join(dataDir, "secrets.json"), 0o640);
  await assertFails(dataDir, "secrets", /may read secrets\.json/);
  chmodSync(join(dataDir, "secrets.json"), 0o600);
  chmodSync(dataDir, 0o755);
  assert.deepEqual((await diagnose(dataDir)).warnings, ["permissions"]);
});

test("another account's data directory, whose bucket is not touched then", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("only root can give a folder away");
  const dataDir = await makeDataDirectory(t);
  chownSync(dataDir, 12345, 12345);
  const { warnings, skipped } = await diagnose(dataDir);
  assert.deepEqual([warnings, skipped], [["owner"], ["api", "backup", "bucket"]]);
});

test("secrets that are lost, damaged, or another bucket's", async (t) => {
  const dataDir = await makeDataDirectory(t);
  const file = join(dataDir, "secrets.json");
  const secrets = JSON.parse(await readFile(file, "utf8")) as object;
  const masterKey = randomBytes(32).toString("base64");
  writeFileSync(file, JSON.stringify({ ...secrets, masterKey }));
  await assertFails(dataDir, "master-key", /another master key/);
  writeFileSync(file, JSON.stringify({ ...secrets, masterKey: "short" }));
  await assertFails(dataDir, "secrets", /damaged/);
  rmSync(file);
  await assertFails(dataDir, "secrets", /is missing, and there is a bucket/);
});

test("settings that stop a start", async (t) => {
  const dataDir = await makeDataDirectory(t);
  settings(dataDir, { "limits.quotta": 1 });
  await assertFails(dataDir, "configuration", /no setting "limits\.quotta"/);
  settings(dataDir, {
    port: 0,
    scanner: "none",
    publicUrl: "https://a.example",
    bucketUrl: "https://a.example:444",
  });
  await assertFails(dataDir, "public-urls", /share the host name a\.example/);
  settings(dataDir, {
    port: 0,
    scanner: "none",
    publicUrl: "http://a.example",
    bucketUrl: "https://b.example",
  });
  const { failed, warnings, find } = await diagnose(dataDir);
  assert.deepEqual([failed, warnings], [[], ["public-urls"]]);
  assert.match(find("public-urls").detail, /http:\/\/a\.example is not https/);
  settings(dataDir, { port: 0, publicUrl: "https://a.example", bucketUrl: "https://b.example" });
  await assertFails(dataDir, "scanner", /scanner=clamd .* or scanner=none\.$/);
  settings(dataDir, { port: 0, scanner: "clamd" });
  await assertFails(dataDir, "scanner", /The profile "default" takes video/);
});

test("issuers that nobody could come in by", async (t) => {
  const dataDir = await makeDataDirectory(t);
  let document: unknown = {};
  const server = createServer((request, response) => {
    const { publicKey } = keys;
    const jwk = { ...publicKey.export({ format: "jwk" }), kid: "a", alg: "ES256", use: "sig" };
    response.end(JSON.stringify(request.url === "/keys" ? { keys: [jwk] } : document));
  });
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const trust = (more: object = {}) =>
    settings(dataDir, { port: 0, issuers: [{ issuer, audience: "a", ...more }] });
  trust();
  await assertFails(dataDir, "issuers", /is not this issuer's discovery document/);
  document = { issuer, jwks_uri: `${issuer}/none` };
  await assertFails(dataDir, "issuers", /its keys can't be had/);
  document = { issuer, jwks_uri: `${issuer}/keys` };
  const { failed, warnings, find } = await diagnose(dataDir);
  assert.deepEqual([failed, warnings], [[], []]);
  assert.match(find("issuers").detail, /1 usable key\./);
  trust({ algorithms: ["RS256"] });
  await assertFails(dataDir, "issuers", /no key that signs by RS256/);
  trust({ userinfo: true });
  await assertFails(dataDir, "issuers", /names no userinfo endpoint/);
  settings(dataDir, { port: 0, "issuer.enabled": false });
  await assertFails(dataDir, "issuers", /nobody could come in/);
});

test("a port that is taken", async (t) => {
  const dataDir = await makeDataDirectory(t);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  settings(dataDir, { port: Math.min(port, 65_534) });
  await assertFails(dataDir, "ports", /is busy/);
});

test("a database that is damaged, newer, older, or from a day that is yet to come", async (t) => {
  const dataDir = await makeDataDirectory(t);
  const file = databaseFile(dataDir);
  const change = (sql: string) => {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  };
  change("UPDATE audit_events SET at = at + 3600000");
  await assertFails(dataDir, "clock", /the clock was set back/);
  change("UPDATE audit_events SET at = at - 3600000; PRAGMA user_version = 1");
  const older = await diagnose(dataDir);
  assert.deepEqual([older.failed, older.warnings], [[], ["database"]]);
  change("PRAGMA user_version = 1000");
  await assertFails(dataDir, "database", /newer Stowage/);
  const bytes = await readFile(file);
  bytes.fill(0x5a, 4096 * 2);
  writeFileSync(file, bytes);
  await assertFails(dataDir, "database", /damaged/);
  writeFileSync(file, "This is a letter, not a database. ".repeat(100));
  await assertFails(dataDir, "database", /can't be read: .*not a database/);
});

test("accounts that are damaged", async (t) => {
  const dataDir = await makeDataDirectory(t);
  writeFileSync(join(issuerDirectory(dataDir), "issuer.sqlite"), "x".repeat(10_000));
  await assertFails(dataDir, "accounts", /issuer\.sqlite is damaged/);
});

test("a copy that lost its hard links", async (t) => {
  const dataDir = await makeDataDirectory(t);
  const copy = join(await temporaryFolder(t), "copy");
  cpSync(dataDir, copy, { recursive: true });
  chmodSync(copy, 0o700);
  assert.equal(statSync(join(bucketDirectory(copy), "hard-links-check")).nlink, 1);
  await assertFails(copy, "bucket", /without its hard links/);
});

test("a disk in memory is warned of", async (t) => {
  if (process.platform !== "linux" || statSync("/dev/shm", { throwIfNoEntry: false }) === undefined)
    return t.skip("there is no /dev/shm");
  const folder = mkdtempSync("/dev/shm/stowage-doctor-");
  t.after(() => rmSync(folder, { recursive: true }));
  settings(folder, { port: 0 });
  const { find } = await diagnose(folder);
  assert.match(find("file-system").detail, /in memory/);
});

test("a server that holds the directory, and does not answer", async (t) => {
  const dataDir = await makeDataDirectory(t);
  const lock = lockDataDirectory(dataDir);
  t.after(() => lock.release());
  assert.deepEqual((await diagnose(dataDir)).skipped, ["api", "backup"]);
  const gone = "http://127.0.0.1:9";
  await writeRunning({ api: gone, web: gone, bucket: gone, issuer: gone, dataDir });
  const { failed, find } = await diagnose(dataDir);
  assert.deepEqual(failed, ["api", "public-urls", "bucket"]);
  assert.match(find("api").detail, /does not answer/);
  assert.match(find("bucket").detail, /its bucket does not answer/);
});

test("a server that runs is judged by what it was started with, not by what the file says", async (t) => {
  const dataDir = await makeDataDirectory(t);
  settings(dataDir, { port: 0, "inspect.sandbox": "none", "inspect.ffmpeg": "/nowhere/ffmpeg" });
  const stopped = await diagnose(dataDir);
  assert.match(stopped.find("films").detail, /no program at \/nowhere\/ffmpeg/);
  assert.match(stopped.find("configuration").detail, /^stowage\.json sets 3\.$/);
  const lock = lockDataDirectory(dataDir);
  t.after(() => lock.release());
  const gone = "http://127.0.0.1:9";
  const told = {
    port: 0,
    "inspect.sandbox": "none",
    "inspect.ffmpeg": "none",
    scanner: "clamd",
    "scanner.address": "127.0.0.1:9",
  };
  await writeRunning({ api: gone, web: gone, bucket: gone, issuer: gone, dataDir, settings: told });
  const { find } = await diagnose(dataDir);
  assert.equal(find("films").detail, "Films have no pictures: inspect.ffmpeg is none.");
  assert.match(
    find("configuration").detail,
    /started with other values of inspect\.ffmpeg, scanner, scanner\.address, which/,
  );
  assert.equal(find("scanner").status, "failed", "it is told to scan, and nothing listens");
  // Of what its file has become it is told all the same.
  writeFileSync(join(dataDir, "stowage.json"), "{");
  const broken = await diagnose(dataDir);
  assert.equal(broken.find("configuration").status, "failed");
  assert.equal(broken.find("films").detail, "Films have no pictures: inspect.ffmpeg is none.");
});

test("a server that lacks something says what", async (t) => {
  const server = createServer((_request, response) => {
    const dependencies = [
      { name: "database", ready: false },
      { name: "bucket", ready: true },
    ];
    response.writeHead(503).end(JSON.stringify({ ready: false, dependencies }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { status, detail } = await checkServer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  assert.equal(status, "failed");
  assert.match(detail, /not ready: database\.$/);
});

test("a Node that is too old", () => {
  assert.equal(checkNode("20.19.2").status, "failed");
  assert.equal(checkNode("24.0.0").status, "ok");
  assert.equal(checkNode("100.0.0").status, "ok");
});

test("behind a proxy that is not named people have no addresses of their own", async () => {
  const { values } = await readConfiguration("no-such-directory", []);
  const behindProxy = { api: "https://a.example" };
  assert.equal(checkTrustedProxies(values, undefined), undefined);
  assert.equal(checkTrustedProxies(values, { api: "http://localhost:8420" }), undefined);
  assert.equal(checkTrustedProxies(values, behindProxy)?.status, "warning");
  const named = { ...values, trustedProxies: ["127.0.0.1"] };
  assert.equal(checkTrustedProxies(named, behindProxy)?.status, "ok");
});

test("beyond loopback two names are wanted", async (t) => {
  const dataDir = await makeDataDirectory(t);
  settings(dataDir, { port: 0, host: "0.0.0.0" });
  const { warnings } = await diagnose(dataDir);
  assert.deepEqual(warnings, ["public-urls"]);
  const sound = { api: "https://a.example", bucket: "https://b.example" };
  assert.equal(checkPublicUrls((await readConfiguration(dataDir, [])).values, sound).status, "ok");
});

test("backups that are missed, and a restore that was broken off", async (t) => {
  const dataDir = await makeDataDirectory(t);
  const place = join(await temporaryFolder(t), "backups");
  assert.equal((await capturedRun(["backup", place, "--data", dataDir])).status, 0);
  const { warnings, find } = await diagnose(dataDir);
  assert.deepEqual([warnings, find("backup").status], [[], "ok"]);
  const nineDaysAgo = new Date(Date.now() - 9 * 24 * 3600 * 1000).toISOString();
  writeFileSync(join(dataDir, "last-backup.json"), JSON.stringify({ backup: place, takenAt: nineDaysAgo }));
  const later = await diagnose(dataDir);
  assert.deepEqual(later.warnings, ["backup"]);
  assert.match(later.find("backup").detail, /9 days ago/);
  writeFileSync(join(dataDir, "unfinished-restore"), "");
  await assertFails(dataDir, "restore", /broken off/);
});

test("a server whose sweeper stands still", async (t) => {
  const dataDir = await makeDataDirectory(t);
  const database = new DatabaseSync(databaseFile(dataDir));
  database.prepare("INSERT INTO doomed_objects VALUES (?, ?)").run("uploads/x", Date.now() - 2 * 3600 * 1000);
  database.close();
  assert.deepEqual((await diagnose(dataDir)).warnings, [], "nobody sweeps where no server runs");
  const lock = lockDataDirectory(dataDir);
  t.after(() => lock.release());
  const { warnings, find } = await diagnose(dataDir);
  assert.deepEqual(warnings, ["sweeper"]);
  assert.match(find("sweeper").detail, /the sweeper fails, or stands still/);
});

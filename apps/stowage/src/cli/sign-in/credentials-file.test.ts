import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import type { Credentials } from "./credentials.ts";
import { openCredentialsFile } from "./credentials-file.ts";

const a = "https://a.example";
const b = "http://localhost:8420";

const credentialsOf = (subject: string): Credentials => ({
  issuer: "https://id.example",
  clientId: "stowage-cli",
  subject,
  signedInAt: "2026-01-01T00:00:00.000Z",
  accessToken: { value: "access", obtainedAt: "2026-01-01T00:00:00.000Z" },
  refreshToken: "refresh",
});

async function setUp(t: TestContext) {
  const folder = join(await temporaryFolder(t), "config", "stowage");
  const path = join(folder, "credentials.json");
  return { folder, path, file: openCredentialsFile(path) };
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test("keeps each server's apart, and forgets one without the others", async (t) => {
  const { file, path } = await setUp(t);
  assert.equal(await file.read(a), undefined);
  assert.deepEqual(await file.servers(), []);
  await file.write(a, credentialsOf("ada"));
  await file.write(b, credentialsOf("ben"));
  assert.deepEqual(await file.servers(), [a, b]);
  await file.write(a, undefined);
  assert.equal(await file.read(a), undefined);
  assert.deepEqual(await openCredentialsFile(path).read(b), credentialsOf("ben"));
});

test("is for its owner's eyes only, whatever its rights were before", async (t) => {
  if (process.platform === "win32") return;
  const { file, folder, path } = await setUp(t);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  await file.prepare();
  assert.equal(await modeOf(folder), 0o700);
  await file.write(a, credentialsOf("ada"));
  assert.equal(await modeOf(path), 0o600);
  await chmod(path, 0o644);
  await file.read(a);
  assert.equal(await modeOf(path), 0o600);
});

test("overwrites nothing that it can't read", async (t) => {
  const { file, folder, path } = await setUp(t);
  await mkdir(folder, { recursive: true });
  for (const text of ["", "{", '{"version":1}', "[]", '{"version":1,"servers":[]}', "null"]) {
    await writeFile(path, text);
    for (const use of [() => file.read(a), () => file.servers(), () => file.write(a, credentialsOf("ada"))])
      await assert.rejects(use, { name: "CommandError", exitStatus: 4, message: /sign-ins can't be read/ });
    assert.equal(await readFile(path, "utf8"), text);
  }
  await writeFile(path, '{"version":2,"servers":{}}');
  await assert.rejects(file.write(a, undefined), { exitStatus: 1, message: /written by a newer stowage/ });
});

test("says nothing of what a damaged file holds", async (t) => {
  const { file, folder, path } = await setUp(t);
  await mkdir(folder, { recursive: true });
  await writeFile(path, '{"refreshToken": precious}');
  await assert.rejects(file.read(a), (error: Error) => {
    assert.doesNotMatch(`${error.stack}${JSON.stringify(error.cause)}`, /precious/);
    return true;
  });
});

test("leaves alone what it does not understand, beside what it does", async (t) => {
  const { file, folder, path } = await setUp(t);
  await mkdir(folder, { recursive: true });
  const strange = { kind: "of another version" };
  await writeFile(path, JSON.stringify({ version: 1, more: [1], servers: { [a]: strange, __proto__x: 1 } }));
  await assert.rejects(file.read(a), /holds something for https:\/\/a\.example that is not understood/);
  await file.write(b, credentialsOf("ben"));
  assert.deepEqual(JSON.parse(await readFile(path, "utf8")), {
    version: 1,
    more: [1],
    servers: { [a]: strange, __proto__x: 1, [b]: credentialsOf("ben") },
  });
  await file.write(a, credentialsOf("ada"));
  assert.deepEqual(await file.read(a), credentialsOf("ada"));
});

test("loses nothing to many writers at once, nor to what a killed one left", async (t) => {
  const { file, folder, path } = await setUp(t);
  await file.write(a, credentialsOf("ada"));
  await writeFile(`${path}.new`, "half of a fi");
  const servers = Array.from({ length: 20 }, (_, index) => `https://${index}.example`);
  await Promise.all(servers.map((server) => openCredentialsFile(path).write(server, credentialsOf(server))));
  assert.deepEqual(new Set(await file.servers()), new Set([a, ...servers]));
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes(".new")),
    [],
  );
});

test("work for one server waits for other work for the same, and for no other", async (t) => {
  const { file } = await setUp(t);
  await file.prepare();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = file.exclusively(a, async () => {
    order.push("first begins");
    await gate.promise;
    order.push("first ends");
  });
  const second = file.exclusively(a, async () => void order.push("second"));
  await file.exclusively(b, async () => void order.push("other"));
  gate.resolve();
  await Promise.all([first, second]);
  assert.deepEqual(order, ["first begins", "other", "first ends", "second"]);
});

test("moves a damaged file aside, whole", async (t) => {
  const { file, folder, path } = await setUp(t);
  await mkdir(folder, { recursive: true });
  await writeFile(path, "{");
  const aside = await file.setAside();
  assert.equal(await readFile(aside, "utf8"), "{");
  assert.deepEqual(await file.servers(), []);
});

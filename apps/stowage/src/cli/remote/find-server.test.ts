import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { writeRunning } from "../../server/running.ts";
import type { CommandContext } from "../command.ts";
import { openCredentialsFile } from "../sign-in/credentials-file.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { findServer } from "./find-server.ts";

const contextOf = (
  cwd: string,
  options: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
) =>
  ({ cwd, env, program: "stowage", options: new Map(Object.entries(options)) }) as unknown as CommandContext;

test("takes what is named, then the data directory that is named, then the environment, then ./.stowage", async (t) => {
  const cwd = await temporaryFolder(t);
  for (const [name, port] of [
    [".stowage", 1],
    ["other", 2],
  ] as const) {
    const dataDir = join(cwd, name);
    await mkdir(dataDir);
    const origin = `http://localhost:${port}`;
    await writeRunning({ api: origin, web: origin, bucket: origin, issuer: `${origin}/oidc`, dataDir });
  }
  const env = { STOWAGE_SERVER: "https://files.example.org/" };
  assert.equal(await findServer(contextOf(cwd)), "http://localhost:1");
  assert.equal(await findServer(contextOf(cwd, {}, env)), "https://files.example.org");
  assert.equal(await findServer(contextOf(cwd, { data: "other" }, env)), "http://localhost:2");
  assert.equal(
    await findServer(contextOf(cwd, { data: "other", server: "http://[::1]:3/x" }, env)),
    "http://[::1]:3",
  );
});

test("says how to start one or name one where there is none", async (t) => {
  const cwd = await temporaryFolder(t);
  await assert.rejects(findServer(contextOf(cwd)), {
    name: "CommandError",
    exitStatus: 1,
    message: /none was ever started on .*\.stowage\.\n\nStart one with stowage up, or name one:/,
  });
});

test("refuses what is no address of the web", async (t) => {
  const cwd = await temporaryFolder(t);
  for (const server of ["files.example.org", "ftp://files.example.org", "localhost:8420"])
    await assert.rejects(findServer(contextOf(cwd, { server })), {
      name: "UsageError",
      message: /--server must be/,
    });
});

test("takes the one server that the person is signed in to, and asks which where there are more", async (t) => {
  const cwd = await temporaryFolder(t);
  const env = { XDG_CONFIG_HOME: join(cwd, "config") };
  const file = openCredentialsFile(join(cwd, "config", "stowage", "credentials.json"));
  const credentials = {
    issuer: "https://id.example",
    clientId: "c",
    subject: "s",
    signedInAt: "2026-01-01T00:00:00.000Z",
    accessToken: { value: "t", obtainedAt: "2026-01-01T00:00:00.000Z" },
  };
  await file.write("https://a.example", credentials);
  assert.equal(await findServer(contextOf(cwd, {}, env)), "https://a.example");
  await assert.rejects(findServer(contextOf(cwd, { data: "x" }, env)), /none was ever started/);
  await file.write("https://b.example", credentials);
  await assert.rejects(findServer(contextOf(cwd, {}, env)), {
    name: "UsageError",
    message:
      /more than one server.*\n\n {2}--server https:\/\/a\.example\n {2}--server https:\/\/b\.example$/,
  });
  await writeFile(file.path, "{");
  await assert.rejects(findServer(contextOf(cwd, {}, env)), /none was ever started/);
});

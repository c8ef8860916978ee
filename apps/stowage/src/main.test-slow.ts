import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startScriptedServer } from "@stowage/client/testing";
import { temporaryFolder } from "./cli/testing/temporary-folder.ts";

const main = join(import.meta.dirname, "main.ts");

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string) {
  const child = spawn(process.execPath, ["--conditions=source", main, ...args], {
    ...(cwd !== undefined && { cwd }),
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let said = "";
  child.stdout.on("data", (piece: Buffer) => {
    out += piece.toString();
  });
  child.stderr.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  const ended = once(child, "close").then(([status]) => ({ status: status as number | null, out, said }));
  return { child, ended };
}

/** A folder with a file whose sending never ends. */
async function hangingPut(t: TestContext) {
  let onPut = (): void => undefined;
  const putBegan = new Promise<void>((resolve) => {
    onPut = resolve;
  });
  const server = await startScriptedServer({
    fault({ method }) {
      if (method !== "PUT") return undefined;
      onPut();
      return "hang";
    },
  });
  t.after(() => server.close());
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, "a.jpg"), "bytes");
  const put = start(["put", "a.jpg"], { STOWAGE_SERVER: server.url, STOWAGE_TOKEN: "token" }, cwd);
  await putBegan;
  return put;
}

for (const [signal, expected] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  test(`ends with ${expected} and a sentence after ${signal}, also where npm passes it on a second time`, async (t) => {
    const { child, ended } = await hangingPut(t);
    child.kill(signal);
    child.kill(signal);
    const { status, said } = await ended;
    assert.equal(status, expected);
    assert.equal(said, "Stopped. The same command goes on where this one was.\n");
  });

test("is quiet when nobody reads its output any more", async (t) => {
  const server = await startScriptedServer();
  t.after(() => server.close());
  const cwd = await temporaryFolder(t);
  await mkdir(join(cwd, "many"));
  for (let index = 0; index < 300; index += 1)
    await writeFile(join(cwd, "many", `${index}.jpg`), `picture ${index}`);
  const { child, ended } = start(
    ["put", "-r", "many"],
    { STOWAGE_SERVER: server.url, STOWAGE_TOKEN: "token" },
    cwd,
  );
  child.stdout.once("data", () => child.stdout.destroy());
  const { status, said } = await ended;
  assert.equal(status, 141);
  assert.doesNotMatch(said, /EPIPE|\bat /);
});

test("says its version and ends at once", async () => {
  const { status, out, said } = await start(["--version"]).ended;
  assert.deepEqual([status, said], [0, ""]);
  assert.match(out, /^\d+\.\d+\.\d+\n$/);
});

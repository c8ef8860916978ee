import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setUpSignIn } from "./testing/set-up-sign-in.testing.ts";

const main = join(import.meta.dirname, "..", "..", "main.ts");

async function signedInLongAgo(t: TestContext) {
  const scene = await setUpSignIn(t);
  assert.equal((await scene.signIn()).status, 0);
  const { file, server, home, env, provider } = scene;
  const kept = await file.read(server.url);
  assert.ok(kept);
  const long = "2026-01-01T00:00:00.000Z";
  await file.write(server.url, {
    ...kept,
    accessToken: { ...kept.accessToken, obtainedAt: long, expiresAt: long },
  });
  const start = (...args: string[]): ChildProcess => {
    const child = spawn(process.execPath, ["--conditions=source", main, ...args], {
      cwd: home,
      env: { ...env, PATH: process.env.PATH ?? "" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    t.after(() => child.kill("SIGKILL"));
    return child;
  };
  return { ...scene, start, renewals: () => provider.asked.length - 1 };
}

async function endOf(child: ChildProcess) {
  let said = "";
  child.stderr?.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  const [status] = (await once(child, "close")) as [number | null];
  return { status, said };
}

test("five puts at once with a token that has ended renew it once, and all arrive", async (t) => {
  const { start, home, renewals, server } = await signedInLongAgo(t);
  const names = ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"];
  for (const name of names) await writeFile(join(home, name), name.repeat(300));
  const ends = await Promise.all(names.map((name) => endOf(start("put", name))));
  for (const { status, said } of ends) assert.equal(status, 0, said);
  assert.equal(renewals(), 1);
  assert.equal(server.count("POST /v1/uploads/complete"), names.length);
});

test("a command that is killed while it renews leaves the next one free to", async (t) => {
  const { start, provider, renewals, run } = await signedInLongAgo(t);
  provider.fault = "silent";
  const killed = start("ls");
  const ended = endOf(killed);
  await provider.heldBack();
  killed.kill("SIGKILL");
  await ended;
  provider.fault = undefined;
  const next = await run("ls");
  assert.equal(next.status, 0, next.said);
  assert.equal(renewals(), 1);
});

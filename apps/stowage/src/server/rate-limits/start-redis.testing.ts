import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "./free-port.testing.ts";

/** A database server of its own, and what happens to such. */
export interface StoreServer {
  readonly url: string;
  /** What must never be told. */
  readonly password: string;
  signal(name: NodeJS.Signals): void;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const startTimeoutMs = 20_000;

/** A Redis that keeps nothing. */
export async function startRedis(): Promise<StoreServer> {
  const folder = await mkdtemp(join(tmpdir(), "stowage-redis-"));
  const port = await freePort();
  const password = "pass-of-the-test-redis";
  const options = { bind: "127.0.0.1", dir: folder, save: "", appendonly: "no", requirepass: password };
  const args = Object.entries({ port: `${port}`, ...options }).flatMap(([key, value]) => [`--${key}`, value]);
  return runServer({
    url: `redis://:${password}@127.0.0.1:${port}`,
    password,
    folder,
    ping: ["redis-cli", "-p", `${port}`, "--no-auth-warning", "-a", password, "-e", "ping"],
    spawn: () => spawn("redis-server", args, { stdio: "ignore" }),
  });
}

/** Starts a server, and waits until it answers. */
export async function runServer(o: {
  readonly url: string;
  readonly password: string;
  readonly folder: string;
  spawn(): ChildProcess;
  /** A program that ends with 0 once the server answers. */
  readonly ping: readonly [string, ...string[]];
}): Promise<StoreServer> {
  let child: ChildProcess;
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  const start = async () => {
    child = o.spawn();
    await once(child, "spawn");
    const deadlineMs = performance.now() + startTimeoutMs;
    const [program, ...args] = o.ping;
    while (spawnSync(program, args, { stdio: "ignore" }).status !== 0) {
      if (performance.now() > deadlineMs) throw new Error(`${child.spawnfile} does not start.`);
      await delay(50);
      // PostgreSQL refuses to start while a process of the one that was killed still holds its memory.
      if (child.exitCode !== null) {
        child = o.spawn();
        await once(child, "spawn");
      }
    }
  };
  await start();
  return {
    url: o.url,
    password: o.password,
    signal: (name) => child.kill(name),
    kill,
    start,
    stop: async () => {
      await kill();
      await rm(o.folder, { recursive: true });
    },
  };
}

import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ClamdAddress } from "./clamd-address.ts";

const startScript = fileURLToPath(new URL("../../../scripts/clamd.sh", import.meta.url));

/** A clamd of its own that knows EICAR alone. */
export interface Clamd {
  readonly socket: ClamdAddress;
  readonly tcp: ClamdAddress;
  signal(name: NodeJS.Signals): Promise<void>;
  /** Kills it without a word, and waits for its end. */
  kill(): Promise<void>;
  /** Starts it again, after a kill. */
  start(): Promise<void>;
  /** Kills it where it runs, and removes all that it kept. */
  stop(): Promise<void>;
}

/**
 * @param lines of clamd.conf, over those of the script
 * @throws Error with the script's words where clamd is not installed or does not start
 */
export async function startClamd(...lines: readonly string[]): Promise<Clamd> {
  const folder = await mkdtemp(join(tmpdir(), "stowage-clamd-"));
  const port = await freePort();
  const pid = async () => Number(await readFile(join(folder, "clamd.pid"), "utf8"));
  const start = async () => {
    const starting = spawn(startScript, [folder, `${port}`, ...lines], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let words = "";
    starting.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      words += chunk;
    });
    const [exitCode] = await once(starting, "close");
    if (exitCode !== 0) throw new Error(words.trim());
  };
  const kill = async () => {
    const id = await pid();
    process.kill(id, "SIGKILL");
    while (isAlive(id)) await delay(20);
  };
  await start();
  return {
    socket: { path: join(folder, "clamd.sock") },
    tcp: { host: "127.0.0.1", port },
    signal: async (name) => {
      process.kill(await pid(), name);
    },
    kill,
    start,
    stop: async () => {
      if (isAlive(await pid())) await kill();
      await rm(folder, { recursive: true });
    },
  };
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** One that is free now, below those that Linux gives to outgoing connections. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(randomInt(10_000, 32_000), "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      // Somebody has it: another.
      continue;
    }
    const { port } = server.address() as AddressInfo;
    await once(server.close(), "close");
    return port;
  }
}

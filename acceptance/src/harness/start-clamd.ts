import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "./free-ports.ts";
import { isAlive } from "./processes.ts";
import { checkoutDir, makeFolder, removeFolder } from "./run-cli.ts";

/** A real clamd that knows EICAR, and what it is taught. */
export interface Clamd {
  /** Of its local socket. */
  readonly path: string;
  /** Makes it find these bytes under that name, from its next reload on; none: no more. */
  teach(name: string, bytes: Uint8Array | undefined): Promise<void>;
  signal(name: "SIGSTOP" | "SIGCONT"): Promise<void>;
  /** SIGKILL, and its end. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws Error with the starter's words where clamd is missing */
export async function startClamd(): Promise<Clamd> {
  const folder = await makeFolder("clamd");
  const [port = 0] = await freePorts(1);
  const readPid = async () => Number(await readFile(join(folder, "clamd.pid"), "utf8"));
  const clamd: Clamd = {
    path: join(folder, "clamd.sock"),
    teach: async (name, bytes) => {
      const line = bytes ? `${name}:0:*:${Buffer.from(bytes).toString("hex")}\n` : "";
      await writeFile(
        join(folder, "db", "taught.ndb"),
        line || "Nothing:0:*:00112233445566778899aabbccddeeff\n",
      );
      process.kill(await readPid(), "SIGUSR2");
    },
    signal: async (name) => {
      process.kill(await readPid(), name);
    },
    kill: async () => {
      const pid = await readPid();
      process.kill(pid, "SIGKILL");
      while (isAlive(pid)) await delay(20);
    },
    start: async () => {
      const script = join(checkoutDir, "scripts", "clamd.sh");
      const sizes = ["StreamMaxLength 2000M", "MaxFileSize 2000M", "MaxScanSize 2000M"];
      const child = spawn(script, [folder, String(port), ...sizes], { stdio: ["ignore", "ignore", "pipe"] });
      let words = "";
      child.stderr.setEncoding("utf8").on("data", (piece: string) => {
        words += piece;
      });
      const [status] = await once(child, "close");
      if (status !== 0) throw new Error(words.trim());
    },
    stop: async () => {
      if (isAlive(await readPid())) await clamd.kill();
      await removeFolder(folder);
    },
  };
  await clamd.start();
  return clamd;
}

import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const startScript = fileURLToPath(new URL("../../../scripts/ceph-rgw.sh", import.meta.url));

/** A Ceph of its own, with an S3 gateway on loopback. */
export interface Ceph {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Stops every daemon, waits for their end, and removes all they kept. */
  stop(): Promise<void>;
}

/** @throws Error with the script's words where Ceph is not installed or does not start */
export async function startCeph(): Promise<Ceph> {
  const folder = await mkdtemp(join(tmpdir(), "stowage-ceph-"));
  const [rgwPort, monitorPort] = [await freePort(), await freePort()];
  const starting = spawn(startScript, [folder, `${rgwPort}`, `${monitorPort}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let words = "";
  starting.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    words += chunk;
  });
  const [exitCode] = await once(starting, "exit");
  const stop = async () => {
    await stopDaemons(join(folder, "run"));
    await rm(folder, { recursive: true });
  };
  if (exitCode !== 0) {
    const log = await readFile(join(folder, "log/start.log"), "utf8").catch(() => "");
    await stop();
    throw new Error(`${words.trim()}\n${log.split("\n").slice(-6).join("\n")}`);
  }
  return {
    endpoint: `http://127.0.0.1:${rgwPort}`,
    credentials: {
      accessKeyId: "AKTEST000000000000",
      secretAccessKey: "secretsecretsecretsecretsecretsecret0000",
    },
    stop,
  };
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

/** The gateway first: one whose cluster is gone hangs. */
const stopOrder = (file: string): number => ["rgw", "osd", "mon"].findIndex((part) => file.includes(part));

async function stopDaemons(pidFolder: string): Promise<void> {
  const files = (await readdir(pidFolder).catch(() => [])).filter((file) => file.endsWith(".pid"));
  for (const file of files.toSorted((a, b) => stopOrder(a) - stopOrder(b))) {
    // A daemon removes its file when it ends by itself.
    const pid = Number(await readFile(join(pidFolder, file), "utf8").catch(() => ""));
    if (!(await isAlive(pid))) continue;
    process.kill(pid, "SIGTERM");
    for (let waitedMs = 0; await isAlive(pid); waitedMs += 50) {
      if (waitedMs >= 10_000) process.kill(pid, "SIGKILL");
      await delay(50);
    }
  }
}

/** Daemons are nobody's children: a dead one may stay a zombie where process 1 does not collect it. */
async function isAlive(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

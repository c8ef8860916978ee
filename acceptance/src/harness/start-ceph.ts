import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePorts } from "./free-ports.ts";
import { isAlive } from "./processes.ts";
import { checkoutDir, makeFolder, removeFolder } from "./run-cli.ts";
import type { S3Credentials } from "./sign-s3.ts";
import { waitFor } from "./wait-for.ts";

/** A Ceph of its own, with an S3 gateway on loopback. */
export interface Ceph {
  readonly endpoint: string;
  readonly credentials: S3Credentials;
  /** Stops every daemon, waits for their end, and removes all they kept. */
  stop(): Promise<void>;
}

/** Throws Error with the script's words where Ceph is not installed or does not start. */
export async function startCeph(): Promise<Ceph> {
  const folder = await makeFolder("ceph");
  const [gatewayPort, monitorPort] = await freePorts(2);
  const script = join(checkoutDir, "scripts/ceph-rgw.sh");
  const starting = spawn(script, [folder, `${gatewayPort}`, `${monitorPort}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let words = "";
  starting.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    words += chunk;
  });
  const [status] = await once(starting, "exit");
  const stop = async () => {
    await stopDaemons(join(folder, "run"));
    await removeFolder(folder);
  };
  if (status !== 0) {
    await stop();
    throw new Error(`Ceph did not start. ${words.trim()}`);
  }
  return {
    endpoint: `http://127.0.0.1:${gatewayPort}`,
    credentials: {
      accessKeyId: "AKTEST000000000000",
      secretAccessKey: "secretsecretsecretsecretsecretsecret0000",
    },
    stop,
  };
}

/** The gateway first: one whose cluster is gone hangs. */
const stopOrder = (file: string): number => ["rgw", "osd", "mon"].findIndex((part) => file.includes(part));

async function stopDaemons(pidFolder: string): Promise<void> {
  const files = (await readdir(pidFolder).catch(() => [])).filter((file) => file.endsWith(".pid"));
  for (const file of files.toSorted((a, b) => stopOrder(a) - stopOrder(b))) {
    // A daemon removes its file when it ends by itself.
    const pid = Number(await readFile(join(pidFolder, file), "utf8").catch(() => ""));
    if (pid === 0 || !isAlive(pid)) continue;
    process.kill(pid, "SIGTERM");
    const ended = () => !isAlive(pid);
    try {
      await waitFor("a daemon's end", ended, { timeoutMs: 10_000 });
    } catch {
      process.kill(pid, "SIGKILL");
      await waitFor("a killed daemon's end", ended);
    }
  }
}

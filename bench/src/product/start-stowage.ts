import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { childrenOf } from "../load/process-cpu.ts";
import { stopProcess } from "./stop-process.ts";

const run = promisify(execFile);

export interface Stowage {
  readonly api: string;
  readonly bucket: string;
  /** By the name of the process: `api`, `bucket`, `worker`. */
  pidOf(name: string): number;
  /** Of a command of the CLI, for this Node. */
  commandLine(...args: string[]): string[];
  /** The data directory's: what the product itself signs with. */
  bucketCredentials(): { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Makes an account and returns an access token of it. */
  addPerson(email: string): Promise<string>;
  stop(): Promise<void>;
}

const checkout = new URL("../../../", import.meta.url).pathname;
const command = ["--conditions=source", `${checkout}apps/stowage/src/main.ts`];

/** What a bench raises, and nothing else: how much one person may do. */
const raisedLimits = [
  "limits.createsPerMinute=0",
  "limits.requestsPerMinute=0",
  "limits.requestsPerMinutePerAddress=0",
  "limits.openUploads=0",
  "limits.quotaBytes=0",
];

/** The inspector, where a bench has a process open it, takes a port that is free; nothing else comes of this. */
const env = { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --inspect-port=0` };

/** Where something stands before it. */
export interface Addresses {
  /** Of the API; the bucket's is the next. */
  readonly port: number;
  readonly publicUrl: string;
  readonly bucketUrl: string;
}

/** `stowage up` as it is shipped, on a fresh data directory, on free ports unless it is told. */
export async function startStowage(
  dataDir: string,
  settings: readonly string[] = [],
  addresses?: Addresses,
): Promise<Stowage> {
  const at = addresses
    ? [
        "--port",
        `${addresses.port}`,
        "--public-url",
        addresses.publicUrl,
        "--bucket-url",
        addresses.bucketUrl,
      ]
    : ["--port", "0"];
  const set = [...raisedLimits, ...settings].flatMap((setting) => ["--set", setting]);
  const child = spawn(process.execPath, [...command, "up", "--json", ...at, "--data", dataDir, ...set], {
    cwd: checkout,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("stowage up did not start");
  let ready: { api: string; bucket: string } | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    ready = JSON.parse(line) as { api: string; bucket: string };
    break;
  }
  if (!ready) throw new Error("stowage up ended before it was ready");
  child.stdout.resume();

  const cli = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, [...command, ...args, "--data", dataDir], {
      cwd: checkout,
    });
    return stdout.trim();
  };
  return {
    api: ready.api,
    bucket: ready.bucket,
    pidOf(name) {
      const found = childrenOf(pid).find((one) => one.command.includes(`${name}-process`));
      if (!found) throw new Error(`There is no ${name} process`);
      return found.pid;
    },
    commandLine: (...args) => [...command, ...args],
    bucketCredentials() {
      const { bucketAccessKeyId, bucketSecretAccessKey } = JSON.parse(
        readFileSync(join(dataDir, "secrets.json"), "utf8"),
      ) as { bucketAccessKeyId: string; bucketSecretAccessKey: string };
      return { accessKeyId: bucketAccessKeyId, secretAccessKey: bucketSecretAccessKey };
    },
    async addPerson(email) {
      await cli("user", "add", email);
      return cli("token", email);
    },
    stop: () => stopProcess(child),
  };
}

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openIssuer } from "@stowage/issuer";
import { choosePorts } from "../server/choose-ports.ts";
import { readConfiguration } from "../server/configuration.ts";
import { issuerDirectory } from "../server/data-directory-places.ts";
import { embeddedIssuerUrl } from "../server/issuers/embedded-issuer-url.ts";
import { makeDataDirectory } from "../server/make-data-directory.ts";
import type { FromProcess, ProcessSetup, ToProcess } from "../server/process-setup.ts";
import { openSecrets } from "../server/secrets.ts";
import type { ProcessName } from "../server/supervisor.ts";

/** One of the product's processes, without the product's supervisor. */
export interface StartedProcess {
  readonly pid: number;
  /** Where it answers, of an API or bucket. */
  readonly origin: string;
  /** SIGSTOP, SIGCONT and the like. */
  signal(name: NodeJS.Signals): void;
  /** What it wrote to standard error. */
  log(): string;
  /** Asks it to stop; SIGKILL where it does not. Answers how it ended: 0 is well. */
  stop(): Promise<number | NodeJS.Signals | null>;
  kill(): Promise<void>;
}

export interface StartOptions {
  /** Over the machine's. */
  readonly setup?: Partial<ProcessSetup>;
  /** Over a bare environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A data directory, and as many of each of the product's processes on it as a test wants: real ones, with the messages that
 * their supervisor would send. `stowage up` runs one of each.
 */
export interface Machine {
  readonly dataDir: string;
  readonly setup: ProcessSetup;
  start(name: ProcessName, options?: StartOptions): Promise<StartedProcess>;
  /** An account's access token, good for a day. */
  addPerson(name: string): Promise<string>;
  /** Stops all that still run. */
  stop(): Promise<void>;
}

const stopTimeoutMs = 12_000;

/** @param assignments `KEY=VALUE` as for `--set` */
export async function makeMachine(dataDir: string, assignments: readonly string[]): Promise<Machine> {
  await makeDataDirectory(dataDir);
  const { apiPort, bucketPort } = await choosePorts("127.0.0.1", 0);
  const publicUrl = `http://localhost:${apiPort}`;
  const bucketUrl = `http://127.0.0.1:${bucketPort}`;
  const setup: ProcessSetup = {
    configuration: (await readConfiguration(dataDir, assignments)).values,
    secrets: await openSecrets(dataDir),
    dataDir,
    apiPort,
    bucketPort,
    publicUrl,
    bucketUrl,
    internalApiUrl: `http://127.0.0.1:${apiPort}`,
    internalBucketUrl: bucketUrl,
    version: "0.0.0-test",
  };
  const running = new Map<StartedProcess, { readonly name: ProcessName; readonly child: ChildProcess }>();
  const wakeWorkers = () => {
    for (const { name, child } of running.values()) if (name === "worker") send(child, { type: "wake" });
  };
  return {
    dataDir,
    setup,
    async start(name, { setup: over = {}, env = {} } = {}) {
      const isSecondApi = name === "api" && [...running.values()].some((other) => other.name === "api");
      const port = isSecondApi ? (await choosePorts("127.0.0.1", 0)).apiPort : apiPort;
      const own: ProcessSetup = {
        ...setup,
        ...(isSecondApi ? { apiPort: port, internalApiUrl: `http://127.0.0.1:${port}` } : {}),
        ...over,
      };
      const child = fork(fileURLToPath(new URL(`../server/${name}-process.ts`, import.meta.url)), [], {
        execArgv: ["--conditions=source"],
        env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(dataDir, "cache", "compile"), ...env },
        stdio: ["ignore", "inherit", "pipe", "ipc"],
        serialization: "advanced",
      });
      const said: Buffer[] = [];
      child.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
      const log = () => Buffer.concat(said).toString("utf8");
      const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
      const listening = new Promise<void>((resolve, reject) => {
        child.on("message", (message: FromProcess) => {
          if (message.type === "wake") wakeWorkers();
          else if (message.type === "listening") resolve();
          else if (message.type === "failed") reject(new Error(message.detail));
        });
        ended.then(() => reject(new Error(`The ${name} process ended before it answered: ${log()}`)), reject);
      });
      send(child, { type: "start", setup: own });
      await listening;
      const started: StartedProcess = {
        pid: child.pid ?? 0,
        origin: `http://127.0.0.1:${name === "api" ? own.apiPort : own.bucketPort}`,
        signal: (signal) => child.kill(signal),
        log,
        async stop() {
          const killer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
          // One that is stopped hears nothing.
          child.kill("SIGCONT");
          send(child, { type: "stop" });
          const [status, signal] = await ended;
          clearTimeout(killer);
          running.delete(started);
          return status ?? signal;
        },
        async kill() {
          child.kill("SIGKILL");
          await ended;
          running.delete(started);
        },
      };
      running.set(started, { name, child });
      return started;
    },
    async addPerson(name) {
      const issuer = await openIssuer({ directory: issuerDirectory(dataDir) });
      try {
        const email = `${name}@example.test`;
        await issuer.addAccount({ email });
        return await issuer.mintAccessToken({
          email,
          issuerUrl: embeddedIssuerUrl(publicUrl),
          audience: publicUrl,
          scope: "files:read files:write uploads:write",
          expiresInSeconds: 86_400,
        });
      } finally {
        issuer.close();
      }
    },
    async stop() {
      await Promise.all([...running.keys()].map((started) => started.stop()));
    },
  };
}

/** One that has just died can't be told anything. */
function send(child: ChildProcess, message: ToProcess): void {
  if (child.connected) child.send(message, () => undefined);
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { canSeeProcesses, childrenOf, descendantsOf, findListener, killEach } from "./processes.ts";
import { bareEnvironment, checkoutDir, makeFolder, removeFolder, stowageCommand } from "./run-cli.ts";
import { isRecorded, noteLog, noteSecretsOf } from "./run-record.ts";

export interface StartOptions {
  /** Default: a new temporary folder, removed by `stop`. */
  readonly dataDir?: string;
  /** Default 0: free ones. */
  readonly port?: number;
  /** Settings for `--set key=value`, over those that keep limits out of a suite's way. */
  readonly set?: Readonly<Record<string, string | number>>;
  readonly args?: readonly string[];
}

/** A running `stowage up`. */
export interface Server {
  readonly api: string;
  readonly web: string;
  readonly bucket: string;
  readonly issuer: string;
  readonly dataDir: string;
  /** Of the supervisor. */
  readonly pid: number;
  /** Everything that it wrote to standard error so far. */
  log(): string;
  /** The api, bucket and worker process, by what they listen on. Linux only. */
  process(name: "api" | "bucket" | "worker"): number | undefined;
  /** SIGTERM; SIGKILL to whatever is left after ten seconds. True where it ended by itself with status 0. */
  stop(): Promise<boolean>;
  /** SIGKILL to the supervisor and everything below it at once. The data directory stays. */
  killAll(): Promise<void>;
}

/** High enough that only the suites about limits meet them. */
const generousSettings = {
  "limits.createsPerMinute": 1_000_000,
  "limits.requestsPerMinute": 1_000_000,
  "limits.requestsPerMinutePerAddress": 10_000_000,
  "limits.openUploads": 100_000,
  "limits.quotaBytes": 0,
};

/** Where the run's logs are searched for secrets, everything that could be logged is. */
const talkative = isRecorded ? { "log.level": "debug" } : {};

const readyTimeoutMs = 60_000;

interface ReadyLine {
  readonly ready: true;
  readonly api: string;
  readonly web: string;
  readonly bucket: string;
  readonly issuer: string;
  readonly dataDir: string;
}

const portOf = (origin: string): number => Number(new URL(origin).port);

async function readReadyLine(child: ChildProcess, log: () => string): Promise<ReadyLine> {
  if (child.stdout === null) throw new Error("standard output is not a pipe");
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => child.kill("SIGKILL"), readyTimeoutMs);
  try {
    for await (const line of lines) {
      const value = JSON.parse(line) as Partial<ReadyLine>;
      if (value.ready === true) return value as ReadyLine;
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error(`The server ended without a ready line. It said:\n${log()}`);
}

/** Starts the product as its users do and waits for its ready line. */
export async function startServer(options: StartOptions = {}): Promise<Server> {
  const dataDir = options.dataDir ?? (await makeFolder("data"));
  const settings = Object.entries({ ...generousSettings, ...talkative, ...options.set });
  const child = spawn(
    process.execPath,
    [
      ...stowageCommand,
      "up",
      "--json",
      "--port",
      String(options.port ?? 0),
      "--data",
      dataDir,
      ...settings.flatMap(([key, value]) => ["--set", `${key}=${value}`]),
      ...(options.args ?? []),
    ],
    { cwd: checkoutDir, env: bareEnvironment(), stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  const said: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => {
    said.push(chunk);
    noteLog(child.pid ?? 0, chunk);
  });
  const log = () => Buffer.concat(said).toString("utf8");
  const pid = child.pid;
  if (pid === undefined) throw new Error("The server could not be started.");
  const ended = once(child, "exit");
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  // A suite that falls over must not leave a server behind: its group is its own (detached).
  const killWithUs = () => {
    if (!hasEnded()) process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  };
  process.once("exit", killWithUs);
  ended.then(() => process.removeListener("exit", killWithUs), killWithUs);
  const ready = await readReadyLine(child, log);
  noteSecretsOf(ready.dataDir);
  // Whatever it prints later must not fill the pipe.
  child.stdout.resume();

  const removeData = async () => {
    if (options.dataDir === undefined) await removeFolder(dataDir);
  };
  const everything = () => (canSeeProcesses ? [pid, ...descendantsOf(pid)] : [pid]);

  return {
    ...ready,
    pid,
    log,
    process(name) {
      const children = childrenOf(pid);
      const [api, bucket] = [ready.api, ready.bucket].map((origin) => findListener(children, portOf(origin)));
      if (name === "api") return api;
      if (name === "bucket") return bucket;
      return children.find((child) => child !== api && child !== bucket);
    },
    async stop() {
      const all = everything();
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      const [status] = (await ended) as [number | null];
      clearTimeout(timer);
      const clean = status === 0;
      if (canSeeProcesses) await killEach(all.filter((one) => one !== pid));
      await removeData();
      return clean;
    },
    async killAll() {
      // A supervisor starts what it lost again: it must go first, and what it started meanwhile too.
      const all = everything();
      await killEach(all);
      await ended;
    },
  };
}

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { noteSecret } from "./run-record.ts";

export const checkoutDir = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

/** What `npm run -s stowage --` runs. */
export const stowageCommand: readonly string[] = [
  "--conditions=source",
  join(checkoutDir, "apps", "stowage", "src", "main.ts"),
];

export interface CliOptions {
  /** Where the person stands. Default: the checkout. */
  readonly cwd?: string;
  /** Added to a bare environment: no STOWAGE_*, no home of the person who runs the tests. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Default 60,000. */
  readonly timeoutMs?: number;
}

export interface CliResult {
  /** `null`: ended by a signal. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder; the caller removes it. */
export const makeFolder = (purpose: string): Promise<string> =>
  mkdtemp(join(tmpdir(), `stowage-acceptance-${purpose}-`));

export const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });

/** An environment with nothing of the caller's in it but what programs need to run. */
export function bareEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["PATH", "TMPDIR", "TEMP", "SystemRoot", "LANG"]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return { ...kept, HOME: "/nonexistent", ...extra };
}

export function spawnCli(args: readonly string[], options: CliOptions = {}): ChildProcess {
  return spawn(process.execPath, [...stowageCommand, ...args], {
    cwd: options.cwd ?? checkoutDir,
    env: bareEnvironment(options.env),
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Runs one command of the CLI to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = spawnCli(args, options);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin?.on("error", (error) => err.push(Buffer.from(`(standard input: ${error.message})`)));
  child.stdin?.end(options.stdin ?? "");
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 60_000);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });
  clearTimeout(timer);
  const stdout = Buffer.concat(out).toString("utf8");
  // `user invite` and `user reset` print a link that is as good as a password.
  if (args[0] === "user")
    for (const [link] of stdout.matchAll(/https?:\/\/\S+/g)) noteSecret("a link", new URL(link).pathname);
  return { status, stdout, stderr: Buffer.concat(err).toString("utf8") };
}

/** The JSON values of a `--json` run, one per line. Throws where a line is none. */
export function jsonLines<T>(stdout: string): T[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

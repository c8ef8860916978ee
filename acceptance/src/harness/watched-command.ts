import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { readPeakMemoryBytes } from "./processes.ts";
import { type CliOptions, type CliResult, spawnCli } from "./run-cli.ts";

/** A command of the CLI that is under way. */
export interface WatchedCommand {
  readonly pid: number;
  readonly hasEnded: () => boolean;
  /** Lets it run for a while and stops it again (SIGCONT, SIGSTOP). Not on Windows. */
  runFor(timeMs: number): Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Waits for its end. */
  result(): Promise<WatchedResult>;
}

export interface WatchedResult extends CliResult {
  /** Resident, as seen every few milliseconds; Linux only. */
  readonly peakMemoryBytes: number;
  /** Through write calls, to files and sockets, as seen last before its end; Linux only. */
  readonly writtenBytes: number;
}

const lookEveryMs = 10;

/** Starts a command of the CLI, and looks after its memory and its writing while it runs. */
export function startCommand(args: readonly string[], options: CliOptions = {}): WatchedCommand {
  const child = spawnCli(args, options);
  const { pid } = child;
  if (pid === undefined) throw new Error("The command could not be started.");
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin?.end();
  const closed = once(child, "close");
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  let peakMemoryBytes = 0;
  let writtenBytes = 0;
  const watch = async () => {
    while (!hasEnded()) {
      peakMemoryBytes = Math.max(peakMemoryBytes, readPeakMemoryBytes(pid) ?? 0);
      writtenBytes = Math.max(writtenBytes, readWrittenBytes(pid));
      await delay(lookEveryMs);
    }
  };
  const watched = watch();

  return {
    pid,
    hasEnded,
    async runFor(timeMs) {
      child.kill("SIGCONT");
      await delay(timeMs);
      child.kill("SIGSTOP");
    },
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
    async result() {
      const [status] = (await closed) as [number | null];
      await watched;
      return {
        status,
        stdout: Buffer.concat(out).toString("utf8"),
        stderr: Buffer.concat(err).toString("utf8"),
        peakMemoryBytes,
        writtenBytes,
      };
    },
  };
}

function readWrittenBytes(pid: number): number {
  try {
    return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1] ?? 0);
  } catch {
    // It has just ended, or this is no Linux: nothing more is known.
    return 0;
  }
}

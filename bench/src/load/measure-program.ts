import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Run } from "./measure-run.ts";
import { cpuMillisecondsOf } from "./process-cpu.ts";

/** What a program took from its start to its end. */
export interface ProgramRun extends Run {
  /** The most memory that it had resident. */
  readonly peakMemoryBytes: number;
}

export interface Program {
  /** Of a script for this Node, and its options. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const lookEveryMs = 5;

/** Runs a program that does `count` items. Throws where it fails. Its CPU is that of the measured side. */
export async function measureProgram(count: number, { args, env }: Program): Promise<ProgramRun> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...args], {
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: Buffer[] = [];
  child.stderr.on("data", (piece: Buffer) => said.push(piece));
  const ended = once(child, "exit");
  let peakMemoryBytes = 0;
  let cpuMs = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const seen = look(child.pid ?? 0);
    peakMemoryBytes = Math.max(peakMemoryBytes, seen.peakMemoryBytes);
    cpuMs = Math.max(cpuMs, seen.cpuMs);
    await delay(lookEveryMs);
  }
  await ended;
  const seconds = (performance.now() - startedAt) / 1000;
  if (child.exitCode !== 0)
    throw new Error(`${args.join(" ")} ended with ${child.exitCode}: ${Buffer.concat(said).toString()}`);
  return {
    count,
    seconds,
    perSecond: count / seconds,
    serverCpuMs: cpuMs / count,
    cpuMsByName: { program: cpuMs / count },
    loadCpuMs: 0,
    peakMemoryBytes,
  };
}

/** Nothing once it has ended: then what was seen last stands. */
function look(pid: number): { readonly peakMemoryBytes: number; readonly cpuMs: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kibibytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
    return { peakMemoryBytes: kibibytes * 1024, cpuMs: cpuMillisecondsOf([pid]) };
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ESRCH"].includes(String(error.code)))
      return { peakMemoryBytes: 0, cpuMs: 0 };
    throw error;
  }
}

import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, release } from "node:os";
import { join } from "node:path";
import { median } from "./median.ts";

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  /** Instructions that hashing and encryption are fast with, where the processor has them. */
  readonly cpuFlags: readonly string[];
  readonly kernel: string;
  readonly node: string;
  /** Of 4 KiB, the median of 50. */
  readonly fdatasyncMs: number;
  readonly commit: string;
  readonly date: string;
}

const telling = ["aes", "vaes", "sha_ni", "avx2", "avx512f"];

/** `directory` lies on the disk that is measured. */
export function describeMachine(directory: string): Machine {
  const cpuInfo = readFileSync("/proc/cpuinfo", "utf8");
  const flags = new Set(/^flags\s*: (.*)$/m.exec(cpuInfo)?.[1]?.split(" "));
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : " and changes";
  return {
    cores: availableParallelism(),
    cpu: /^model name\s*: (.*)$/m.exec(cpuInfo)?.[1] ?? "unknown",
    cpuFlags: telling.filter((flag) => flags.has(flag)),
    kernel: release(),
    node: process.version,
    fdatasyncMs: fdatasyncMedian(directory),
    commit: `${git("rev-parse", "--short", "HEAD")}${changed}`,
    date: new Date().toISOString(),
  };
}

function fdatasyncMedian(directory: string): number {
  const path = join(directory, "fdatasync");
  const file = openSync(path, "w");
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 50 }, (_, index) => {
    writeSync(file, block, 0, block.length, index * block.length);
    const startedAt = performance.now();
    fdatasyncSync(file);
    return performance.now() - startedAt;
  });
  closeSync(file);
  rmSync(path);
  return median(times);
}

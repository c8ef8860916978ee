import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { FaultProxy } from "@stowage/fault-proxy";
import { stopProcess } from "../product/stop-process.ts";
import type { FileToSend } from "./file-set.ts";
import { type Ended, untilEndedOrStill } from "./until-still.ts";

/** A line of such a program: it begins, a file has ended, all have. */
export type UploadLine =
  | { readonly is: "begun" }
  | { readonly is: "ended" }
  | { readonly is: "file"; readonly name: string; readonly why?: string };

/** For the program: told on standard output. */
export const tell = (line: UploadLine): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

/** For the program: the files that it is to send, told on standard input. */
export const filesToSend = (): FileToSend[] => JSON.parse(readFileSync(0, "utf8")) as FileToSend[];

export interface UploadRun extends Ended {
  /** Names of the files that it said have arrived. */
  readonly said: ReadonlySet<string>;
  /** By name, of the others. */
  readonly failures: ReadonlyMap<string, string>;
}

/**
 * Runs a program that sends files and tells of them, from its `begun` to its `ended`; one that is hung is stopped.
 *
 * @throws Error where it ends without having said so
 */
export async function runUploadProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  files: readonly FileToSend[],
  proxies: readonly FaultProxy[],
): Promise<UploadRun> {
  const child = spawn(process.execPath, [...args], {
    env: { PATH: process.env.PATH ?? "", HOME: "/nonexistent", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify(files));
  const said = new Set<string>();
  const failures = new Map<string, string>();
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as UploadLine;
    if (line.is === "begun") begun.resolve();
    else if (line.is === "ended") ended.resolve();
    else if (line.why === undefined) said.add(line.name);
    else failures.set(line.name, line.why);
  });
  const exit = once(child, "close").then(() => {
    throw new Error(`${args.join(" ")} ended with ${child.exitCode} before all files had`);
  });
  try {
    await Promise.race([begun.promise, exit]);
    const end = await untilEndedOrStill(Promise.race([ended.promise, exit]), proxies);
    return { ...end, said, failures };
  } finally {
    exit.catch(() => undefined);
    await stopProcess(child);
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { readableCode } from "./readable-code.ts";
import type { Sandbox } from "./sandbox.ts";

export interface StartOptions {
  readonly module: URL;
  /** The one folder that it may read beside code and the system's libraries. */
  readonly folder: string;
  readonly nodeArguments?: readonly string[];
  /** Default: none. */
  readonly permissionModel?: boolean;
  /** Default: what it says there is lost. */
  readonly standardError?: "pipe";
}

/** Starts a module in a sandbox with a channel to it, and with nothing of this process's environment. */
export function startModule(sandbox: Sandbox, options: StartOptions): ChildProcess {
  const { module, folder, nodeArguments = [], permissionModel = false, standardError = "ignore" } = options;
  const path = fileURLToPath(module);
  const code = readableCode(path);
  const permissions = [
    // Decoders are native code, and one thread sees to it that they end with their parent.
    ...["--permission", "--allow-addons", "--allow-worker"],
    ...[...code, folder].map((readable) => `--allow-fs-read=${readable}`),
  ];
  const args = [...nodeArguments, ...(permissionModel ? permissions : []), path];
  const { file, args: sandboxed } = sandbox.command({
    command: { file: process.execPath, args },
    readable: [process.execPath, ...code, folder],
  });
  return spawn(file, sandboxed, {
    // glibc's habit of one heap for each thread would keep freed pixels resident.
    env: { MALLOC_ARENA_MAX: "2" },
    stdio: ["ignore", "ignore", standardError, "ipc"],
    serialization: "advanced",
  });
}

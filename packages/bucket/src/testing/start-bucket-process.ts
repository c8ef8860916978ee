import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";

export interface BucketProcess {
  /** Of the command, which may be one that runs the server. */
  readonly child: ChildProcess;
  /** The server's own. */
  readonly pid: number;
  readonly origin: string;
  /** With SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a server over a directory in a process of its own, under another command if that is given. */
export async function startBucketProcess(
  t: TestContext,
  directory: string,
  under: readonly string[] = [],
): Promise<BucketProcess> {
  const node = [process.execPath, "--conditions=source", join(import.meta.dirname, "bucket-process.ts")];
  const [command = "", ...args] = [...under, ...node, directory];
  const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const exited = once(child, "exit");
  const message = once(child, "message");
  await Promise.race([message, exited.then(() => Promise.reject(new Error("The bucket did not start")))]);
  const [{ port, pid }] = (await message) as [{ port: number; pid: number }];
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(pid, "SIGKILL");
    await exited;
  };
  t.after(kill);
  return { child, pid, origin: `http://127.0.0.1:${port}`, kill };
}

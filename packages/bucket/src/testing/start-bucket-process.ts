import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";

export interface ProcessState {
  readonly rssBytes: number;
  readonly connections: number;
}

export interface BucketProcess {
  /** Of the command, which may be one that runs the server. */
  readonly child: ChildProcess;
  /** The server's own. */
  readonly pid: number;
  readonly origin: string;
  /** The memory and the connections that it has now. */
  state(): Promise<ProcessState>;
  /** With SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a server over a directory in a process of its own, under another command if that is given. */
export async function startBucketProcess(
  t: TestContext,
  directory: string,
  {
    under = [],
    options = {},
  }: {
    readonly under?: readonly string[];
    readonly options?: Readonly<Record<string, number>>;
  } = {},
): Promise<BucketProcess> {
  const node = [process.execPath, "--conditions=source", join(import.meta.dirname, "bucket-process.ts")];
  const [command = "", ...args] = [...under, ...node, directory, JSON.stringify(options)];
  const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const exited = once(child, "exit");
  const message = once(child, "message");
  await Promise.race([message, exited.then(() => Promise.reject(new Error("The bucket did not start")))]);
  const [{ port, pid }] = (await message) as [{ port: number; pid: number }];
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(pid, "SIGKILL");
    await exited;
  };
  const state = async (): Promise<ProcessState> => {
    const answer = once(child, "message");
    child.send("state");
    return (await answer)[0] as ProcessState;
  };
  t.after(kill);
  return { child, pid, origin: `http://127.0.0.1:${port}`, state, kill };
}

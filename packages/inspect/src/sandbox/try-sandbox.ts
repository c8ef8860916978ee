import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { readResidentBytes } from "../resident-memory.ts";
import { siblingModule } from "../sibling-module.ts";
import { lastOfChain } from "./processes.ts";
import type { Sandbox } from "./sandbox.ts";
import { createShownFolder } from "./shown-folder.ts";
import { startModule } from "./start-module.ts";

/** What is tried from inside a sandbox. */
export interface Attempt {
  /** A file in the folder that is shown to it. */
  readonly shown: string;
  /** A file that is not. */
  readonly hidden: string;
  /** On 127.0.0.1, where somebody listens. */
  readonly port: number;
}

export interface Reached {
  readonly decoders: boolean;
  readonly files: boolean;
  readonly network: boolean;
}

const timeoutMs = 20_000;

/**
 * Starts a process in a sandbox and lets it try what it should be kept from. Takes as long as a decoding process takes
 * to start.
 *
 * @param directory - for this user alone; left as it was
 * @returns why the sandbox is of no use on this machine; `undefined` where it does what it says
 */
export async function trySandbox(sandbox: Sandbox, directory: string): Promise<string | undefined> {
  const folder = mkdtempSync(join(directory, "try-"));
  const hidden = join(folder, "hidden");
  writeFileSync(hidden, "probe", { mode: 0o644 });
  const shownFolder = createShownFolder(folder, sandbox.readsAsAnother);
  const listener = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  try {
    await once(listener, "listening");
    const address = listener.address();
    const port = typeof address === "object" && address ? address.port : 0;
    return await attempt(sandbox, shownFolder.path, { shown: shownFolder.show(hidden), hidden, port });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    listener.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function attempt(sandbox: Sandbox, folder: string, what: Attempt): Promise<string | undefined> {
  const module = siblingModule("sandbox/try-process");
  const child = startModule(sandbox, { module, folder, standardError: "pipe" });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = `${complaint}${text}`.slice(0, 300);
  });
  child.on("message", (value) => {
    const reached = value as Partial<Reached>;
    const watched = child.pid !== undefined && isWatchable(child.pid);
    if (!reached.decoders) resolve("decoders do not work in it");
    else if (sandbox.cutsOff.files && reached.files !== false) resolve("it does not cut off files");
    else if (sandbox.cutsOff.network && reached.network !== false) resolve("it does not cut off the network");
    else if (!watched) resolve("the memory of a process in it can't be watched");
    else resolve(undefined);
  });
  child.on("error", (error) => resolve(error.message));
  // Not `exit`: what it complained of may still be on its way.
  child.on("close", (code, signal) =>
    resolve(complaint.trim().split("\n")[0] || `it ended by ${signal ?? code}`),
  );
  const timer = setTimeout(
    () => resolve(`nothing was heard of it within ${timeoutMs / 1000} seconds`),
    timeoutMs,
  );
  child.send(what, (error) => error && child.kill("SIGKILL"));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    const gone = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
    child.kill("SIGKILL");
    await gone;
  }
}

function isWatchable(processId: number): boolean {
  return process.platform !== "linux" || readResidentBytes(lastOfChain(processId)) !== undefined;
}

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import {
  type Accepted,
  type DecodeJob,
  type Examination,
  type ProcessMessage,
  parseProcessMessage,
} from "./examination.ts";
import { InspectionFailedError } from "./inspection-failed-error.ts";
import { readResidentBytes } from "./resident-memory.ts";
import { lastOfChain } from "./sandbox/processes.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { createShownFolder } from "./sandbox/shown-folder.ts";
import { startModule } from "./sandbox/start-module.ts";

/**
 * How a decoding process came to the end of a job. After any but the first two it is no longer alive; `soFar` is what it
 * had said by then that the file is accepted as.
 */
export type DecodeOutcome =
  | { readonly kind: "examined"; readonly examination: Examination }
  | { readonly kind: "file-unreadable"; readonly reason: string }
  | { readonly kind: "timed-out"; readonly soFar?: Accepted }
  | { readonly kind: "out-of-memory"; readonly soFar?: Accepted }
  | { readonly kind: "aborted" }
  /** It ended on its own; `killed` where somebody else's SIGKILL ended it, such as the kernel's. */
  | { readonly kind: "crashed"; readonly killed: boolean; readonly soFar?: Accepted };

export interface DecodeLimits {
  /** Wall clock, from the job's start to its report. */
  readonly timeoutMs: number;
  /** Wall clock, from when it said what stands in any case. */
  readonly restTimeoutMs: number;
  /** Resident, of the whole process. */
  readonly maxMemoryBytes: number;
}

export interface DecodeChild {
  readonly alive: boolean;
  readonly filesExamined: number;
  /** One at a time. Resolves whatever becomes of the process. */
  examine(job: DecodeJob, limits: DecodeLimits, signal?: AbortSignal): Promise<DecodeOutcome>;
  /** Resolves when the process is gone. */
  kill(): Promise<void>;
}

const startTimeoutMs = 60_000;
const memoryCheckIntervalMs = 50;
/** For JavaScript alone. Pixels live outside of V8's heap and count towards `maxMemoryBytes`. */
const javascriptHeapMegabytes = 256;

export interface DecodeChildOptions {
  /** Its main module. */
  readonly entry: URL;
  readonly sandbox: Sandbox;
  /** Where the files to decode are; for this user alone. */
  readonly directory: string;
}

/** A decoding process, and what was started to start it: itself, or a sandbox's program. */
interface Decoder {
  readonly started: ChildProcess;
  readonly processId: number;
}

/**
 * Starts a decoding process in its sandbox and waits until it is ready.
 * Throws InspectionFailedError `process-unavailable`, or `temporary-file-failed`.
 */
export async function startDecodeChild({
  entry,
  sandbox,
  directory,
}: DecodeChildOptions): Promise<DecodeChild> {
  const folder = onDisk(() => createShownFolder(directory, sandbox.readsAsAnother));
  let decoder: Decoder;
  try {
    decoder = await startDecoder(entry, sandbox, folder.path);
  } catch (error) {
    folder.remove();
    throw error;
  }
  const { started } = decoder;
  let filesExamined = 0;
  hold(started, false);
  return {
    get alive() {
      return started.connected && isRunning(started);
    },
    get filesExamined() {
      return filesExamined;
    },
    async examine(job, limits, signal) {
      filesExamined += 1;
      const path = onDisk(() => folder.show(job.path));
      hold(started, true);
      try {
        return await watchJob(decoder, { ...job, path }, limits, signal);
      } finally {
        hold(started, false);
        folder.takeAway();
      }
    },
    async kill() {
      await killDecoder(decoder);
      folder.remove();
    },
  };
}

async function startDecoder(module: URL, sandbox: Sandbox, folder: string): Promise<Decoder> {
  const started = startModule(sandbox, {
    module,
    folder,
    nodeArguments: [`--max-old-space-size=${javascriptHeapMegabytes}`],
    permissionModel: sandbox.hasPermissionModel,
  });
  await untilReady(started);
  return { started, processId: lastOfChain(started.pid ?? 0) };
}

function onDisk<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (cause) {
    throw new InspectionFailedError(
      "temporary-file-failed",
      "The temporary copy could not be shown to a decoder.",
      {
        cause,
      },
    );
  }
}

async function untilReady(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (reason: unknown): void =>
    reject(
      new InspectionFailedError("process-unavailable", `The decoding process did not start: ${reason}`, {
        cause: reason,
      }),
    );
  const onMessage = (value: unknown): void => {
    const message = parseProcessMessage(value);
    if (message?.kind === "ready") resolve();
    else fail(message?.kind === "unable-to-start" ? message.reason : "it sent something else than it should");
  };
  const onExit = (code: number | null, signal: string | null): void => fail(`it ended by ${signal ?? code}`);
  const timer = setTimeout(() => fail(`it was not ready after ${startTimeoutMs} ms`), startTimeoutMs);
  // A channel that breaks is reported as an error event too; it stays handled for the child's whole life,
  // since `exit` follows and decides.
  child.on("error", fail);
  child.on("message", onMessage).on("exit", onExit);
  try {
    await promise;
  } catch (error) {
    await killDecoder({ started: child, processId: child.pid ?? 0 });
    throw error;
  } finally {
    clearTimeout(timer);
    child.off("message", onMessage).off("exit", onExit);
  }
}

async function watchJob(
  decoder: Decoder,
  job: DecodeJob,
  limits: DecodeLimits,
  signal?: AbortSignal,
): Promise<DecodeOutcome> {
  const { started } = decoder;
  const { promise, resolve } = Promise.withResolvers<DecodeOutcome>();
  let ended: DecodeOutcome | undefined;
  let said: { readonly soFar?: Accepted } = {};
  const end = (outcome: DecodeOutcome): void => {
    ended ??= outcome;
    kill(decoder);
  };
  const timeOut = (): void => end({ kind: "timed-out", ...said });
  const deadlineMs = performance.now() + limits.timeoutMs;
  let timer = setTimeout(timeOut, limits.timeoutMs);
  const onMessage = (value: unknown): void => {
    if (ended) return;
    const message: ProcessMessage | undefined = parseProcessMessage(value);
    if (message?.kind === "examined" || message?.kind === "file-unreadable") resolve(message);
    else if (message?.kind === "so-far") {
      if (!said.soFar) {
        clearTimeout(timer);
        timer = setTimeout(timeOut, Math.min(limits.restTimeoutMs, deadlineMs - performance.now()));
      }
      said = { soFar: message.examination };
    } else end({ kind: "crashed", killed: false });
  };
  const onExit = (code: number | null, exitSignal: string | null): void =>
    resolve(ended ?? { kind: "crashed", killed: isSigkill(code, exitSignal), ...said });
  const onAbort = (): void => end({ kind: "aborted" });
  const memoryCheck = setInterval(() => {
    const resident = readResidentBytes(decoder.processId);
    if (resident !== undefined && resident > limits.maxMemoryBytes) end({ kind: "out-of-memory", ...said });
  }, memoryCheckIntervalMs);

  started.on("message", onMessage).on("exit", onExit);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  if (!isRunning(started)) onExit(started.exitCode, started.signalCode);
  else started.send(job, (error) => error && kill(decoder));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    clearInterval(memoryCheck);
    signal?.removeEventListener("abort", onAbort);
    started.off("message", onMessage).off("exit", onExit);
  }
}

/** A sandbox's program says of a process that a signal ended what shells say. */
function isSigkill(code: number | null, signal: string | null): boolean {
  return signal === "SIGKILL" || code === 128 + constants.signals.SIGKILL;
}

/**
 * The decoding process itself: what started it then ends, and says so, once nothing of it is left. Its number is not
 * another's by now, since it has a parent that has not asked how it ended.
 */
function kill({ started, processId }: Decoder): void {
  if (!isRunning(started)) return;
  try {
    process.kill(processId, "SIGKILL");
  } catch {
    // On its way out: what started it is, too, or is ended here.
    started.kill("SIGKILL");
  }
}

/** A sandbox's program that does not notice ends the hard way, and takes with it what it started. */
const noticeTimeoutMs = 2000;

async function killDecoder(decoder: Decoder): Promise<void> {
  const { started } = decoder;
  if (started.pid === undefined || !isRunning(started)) return;
  hold(started, true);
  const exited = once(started, "exit");
  kill(decoder);
  const timer = setTimeout(() => started.kill("SIGKILL"), noticeTimeoutMs);
  await exited;
  clearTimeout(timer);
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** An idle decoding process does not keep its parent alive. */
function hold(child: ChildProcess, held: boolean): void {
  if (held) {
    child.ref();
    child.channel?.ref();
  } else {
    child.unref();
    child.channel?.unref();
  }
}

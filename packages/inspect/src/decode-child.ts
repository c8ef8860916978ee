import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import {
  type Accepted,
  type DecodeJob,
  type Examination,
  type ProcessMessage,
  parseProcessMessage,
} from "./examination.ts";
import { InspectionFailedError } from "./inspection-failed-error.ts";
import { readResidentBytes } from "./resident-memory.ts";

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

/**
 * Starts a decoding process, with nothing of the parent's environment, and waits until it is ready.
 * Throws InspectionFailedError `process-unavailable`.
 */
export async function startDecodeChild(entry: URL): Promise<DecodeChild> {
  const child = fork(entry, [], {
    execArgv: [`--max-old-space-size=${javascriptHeapMegabytes}`],
    // glibc's habit of one heap for each thread would keep freed pixels resident.
    env: { MALLOC_ARENA_MAX: "2" },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced",
  });
  await untilReady(child);
  let filesExamined = 0;
  hold(child, false);
  return {
    get alive() {
      return child.connected && isRunning(child);
    },
    get filesExamined() {
      return filesExamined;
    },
    async examine(job, limits, signal) {
      filesExamined += 1;
      hold(child, true);
      try {
        return await watchJob(child, job, limits, signal);
      } finally {
        hold(child, false);
      }
    },
    kill: () => killChild(child),
  };
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
    await killChild(child);
    throw error;
  } finally {
    clearTimeout(timer);
    child.off("message", onMessage).off("exit", onExit);
  }
}

async function watchJob(
  child: ChildProcess,
  job: DecodeJob,
  limits: DecodeLimits,
  signal?: AbortSignal,
): Promise<DecodeOutcome> {
  const { promise, resolve } = Promise.withResolvers<DecodeOutcome>();
  let ended: DecodeOutcome | undefined;
  let said: { readonly soFar?: Accepted } = {};
  const end = (outcome: DecodeOutcome): void => {
    ended ??= outcome;
    child.kill("SIGKILL");
  };
  const onMessage = (value: unknown): void => {
    if (ended) return;
    const message: ProcessMessage | undefined = parseProcessMessage(value);
    if (message?.kind === "examined" || message?.kind === "file-unreadable") resolve(message);
    else if (message?.kind === "so-far") said = { soFar: message.examination };
    else end({ kind: "crashed", killed: false });
  };
  const onExit = (_code: number | null, exitSignal: string | null): void =>
    resolve(ended ?? { kind: "crashed", killed: exitSignal === "SIGKILL", ...said });
  const onAbort = (): void => end({ kind: "aborted" });
  const timer = setTimeout(() => end({ kind: "timed-out", ...said }), limits.timeoutMs);
  const memoryCheck = setInterval(() => {
    const resident = child.pid === undefined ? undefined : readResidentBytes(child.pid);
    if (resident !== undefined && resident > limits.maxMemoryBytes) end({ kind: "out-of-memory", ...said });
  }, memoryCheckIntervalMs);

  child.on("message", onMessage).on("exit", onExit);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  if (!isRunning(child)) resolve({ kind: "crashed", killed: child.signalCode === "SIGKILL" });
  else child.send(job, (error) => error && child.kill("SIGKILL"));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    clearInterval(memoryCheck);
    signal?.removeEventListener("abort", onAbort);
    child.off("message", onMessage).off("exit", onExit);
  }
}

async function killChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || !isRunning(child)) return;
  hold(child, true);
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
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

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CountedMetrics, FromProcess, ProcessSetup, ToProcess } from "./process-setup.ts";
import { collectFrom, createAsking } from "./telemetry/collect-from-processes.ts";

export const processNames = ["bucket", "api", "worker"] as const;

export type ProcessName = (typeof processNames)[number];

export interface Supervisor {
  /** Resolves once all listen; rejects with a sentence where one can't start. */
  readonly started: Promise<void>;
  stop(): Promise<void>;
}

/** Wait before a process that died is started again: doubled with every death, until one lives for a minute. */
const firstRestartMs = 100;
const longestRestartMs = 5_000;
const steadyMs = 60_000;

/** A process that never listened is given up after so many deaths. */
const maxFailedStarts = 3;

/** A process that has not stopped by then is killed. */
const killAfterMs = 12_000;

/** Variables that processes get: nothing else of the environment, which may hold secrets, is passed on. */
const passedOn = [
  "PATH",
  "HOME",
  "TZ",
  "TMPDIR",
  "LANG",
  "LC_ALL",
  "SystemRoot",
  "TEMP",
  "TMP",
  "NODE_OPTIONS",
];

/** Source and compiled code lie side by side under the same names. */
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/**
 * Runs the three processes of one machine. Each may die at any moment and is started again; a wake of the API's is
 * handed to the worker.
 *
 * @param say told of each death and restart
 */
export function startSupervisor(o: {
  readonly setup: ProcessSetup;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly compileCacheDirectory: string;
  readonly say: (line: string) => void;
}): Supervisor {
  const children = new Map<ProcessName, ChildProcess>();
  const restarts = new Map<ProcessName, NodeJS.Timeout>();
  const listened = new Set<ProcessName>();
  const failedStarts = new Map<ProcessName, number>();
  const restartCounts = new Map<ProcessName, number>();
  const counting = createAsking<CountedMetrics>();
  let stopping = false;

  const env = Object.fromEntries(
    passedOn.flatMap((name) => (o.env[name] === undefined ? [] : [[name, o.env[name]]])),
  );

  function start(
    name: ProcessName,
    delayMs: number,
    onListening: () => void,
    onFailed: (why: string) => void,
  ) {
    const startedAtMs = Date.now();
    const child = fork(fileURLToPath(new URL(`./${name}-process${extension}`, import.meta.url)), [], {
      env: { ...env, NODE_COMPILE_CACHE: o.compileCacheDirectory },
      // A profile's types are a Map, of which JSON would make an empty object.
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    children.set(name, child);
    child.on("message", (message: FromProcess) => {
      switch (message.type) {
        case "wake":
          return tell("worker", { type: "wake" });
        case "listening":
          listened.add(name);
          return onListening();
        case "failed":
          return onFailed(message.detail);
        case "counted":
          return counting.answer(message.id, message.metrics);
        case "collect":
          collect(name)
            .then((processes) => tell(name, { type: "collected", id: message.id, processes }))
            .catch((error: unknown) => o.say(`What the processes count can't be collected: ${error}`));
      }
    });
    child.on("error", (error) => onFailed(error.message));
    child.on("exit", (code, signal) => {
      children.delete(name);
      if (stopping) return;
      if (!listened.has(name)) {
        const count = (failedStarts.get(name) ?? 0) + 1;
        failedStarts.set(name, count);
        if (count >= maxFailedStarts) {
          onFailed(`it ended ${count} times before it answered (${signal ?? `status ${code}`})`);
          return;
        }
      }
      const lived = Date.now() - startedAtMs > steadyMs;
      const waitMs = lived ? firstRestartMs : Math.min(longestRestartMs, delayMs * 2);
      restartCounts.set(name, (restartCounts.get(name) ?? 0) + 1);
      o.say(`The ${name} process ended (${signal ?? `status ${code}`}); it is started again.`);
      restarts.set(
        name,
        setTimeout(() => start(name, waitMs, onListening, onFailed), delayMs),
      );
    });
    send(child, { type: "start", setup: o.setup });
  }

  const tell = (name: ProcessName, message: ToProcess) => {
    const child = children.get(name);
    if (child) send(child, message);
  };

  /** For a scrape of `asker`'s: what all others have counted, and how often each was started again. */
  const collect = (asker: ProcessName) =>
    collectFrom(
      processNames.map((name) => ({
        process: name,
        restarts: restartCounts.get(name) ?? 0,
        ...(name === asker || !children.has(name)
          ? {}
          : { ask: () => counting.ask((id) => tell(name, { type: "count", id })) }),
      })),
    );

  const started = Promise.all(
    processNames.map(
      (name) =>
        new Promise<void>((resolve, reject) => {
          start(name, firstRestartMs, resolve, (why) => reject(new Error(`The ${name} process: ${why}`)));
        }),
    ),
  ).then(() => undefined);

  return {
    started,
    stop: async () => {
      stopping = true;
      for (const timer of restarts.values()) clearTimeout(timer);
      await Promise.all(
        [...children.values()].map(
          (child) =>
            new Promise<void>((resolve) => {
              const killer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
              child.once("exit", () => {
                clearTimeout(killer);
                resolve();
              });
              send(child, { type: "stop" });
            }),
        ),
      );
    },
  };
}

/** A child that has just died can't be told anything; its exit says so. */
function send(child: ChildProcess, message: ToProcess): void {
  if (child.connected) child.send(message, () => undefined);
}

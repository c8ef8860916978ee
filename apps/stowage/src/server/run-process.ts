import process from "node:process";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { createLogger } from "./logger.ts";
import type { FromProcess, ProcessMetrics, ProcessSetup, ToProcess } from "./process-setup.ts";
import { createAsking } from "./telemetry/collect-from-processes.ts";

/** What a process does once it runs. */
export interface RunningProcess {
  /** Ends what is under way, within seconds. */
  stop(): Promise<void>;
  /** An upload waits. */
  wake?(): void;
}

export interface ProcessContext {
  readonly setup: ProcessSetup;
  readonly logger: Logger;
  send(message: FromProcess): void;
  /** Where the process counts what it does. */
  readonly registry: Registry;
  /** What the other processes have counted; nothing where the supervisor does not answer in time. */
  collectFromOthers(): Promise<readonly ProcessMetrics[]>;
}

/** A stop that takes longer is ended. */
const stopTimeoutMs = 10_000;

/** The supervisor waits for two seconds for each process. */
const collectTimeoutMs = 3_000;

/**
 * The life of a process under the supervisor: started by its message, stopped by its message or by its death. A
 * process without its supervisor ends at once, since another may be about to take its place.
 */
export function runProcess(name: string, start: (context: ProcessContext) => Promise<RunningProcess>): void {
  let running: RunningProcess | undefined;
  const send = (message: FromProcess) => {
    // A supervisor that has just died can't be told anything; its disconnect ends us.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  const fail = (error: unknown) => {
    process.stderr.write(`${JSON.stringify({ level: "error", process: name, msg: String(error) })}\n`);
    process.exit(1);
  };
  const collecting = createAsking<readonly ProcessMetrics[]>(collectTimeoutMs);
  const collectFromOthers = async () => (await collecting.ask((id) => send({ type: "collect", id }))) ?? [];
  let registry: Registry | undefined;
  const onCount = async (id: number) => {
    if (registry) send({ type: "counted", id, metrics: await registry.getMetricsAsJSON() });
  };
  const onStart = async (setup: ProcessSetup) => {
    const logger = createLogger(name, setup.configuration["log.level"]);
    process.on("uncaughtException", (err) => {
      logger.fatal({ err }, "uncaught exception");
      process.exit(1);
    });
    try {
      registry = await openRegistry(name);
      running = await start({ setup, logger, send, registry, collectFromOthers });
      send({ type: "listening" });
    } catch (err) {
      logger.error({ err }, "could not start");
      send({ type: "failed", detail: err instanceof Error ? err.message : String(err) });
      process.disconnect?.();
      process.exitCode = 1;
    }
  };
  const onStop = async () => {
    setTimeout(() => process.exit(1), stopTimeoutMs).unref();
    await running?.stop();
    process.exit(0);
  };
  process.on("message", (message: ToProcess) => {
    if (message.type === "start") onStart(message.setup).catch(fail);
    else if (message.type === "stop") onStop().catch(fail);
    else if (message.type === "wake") running?.wake?.();
    else if (message.type === "count") onCount(message.id).catch(fail);
    else collecting.answer(message.id, message.processes);
  });
  process.on("disconnect", () => process.exit(process.exitCode ?? 0));
  // The terminal sends these to the whole group; the supervisor decides when each process stops.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
}

async function openRegistry(name: string): Promise<Registry> {
  const [{ Registry }, { measureProcess }] = await Promise.all([
    import("prom-client"),
    import("./telemetry/process-metrics.ts"),
  ]);
  const registry = new Registry();
  // Of a sum over processes that are started again one by one, nobody could tell where it began anew.
  registry.setDefaultLabels({ process: name });
  measureProcess(registry);
  return registry;
}

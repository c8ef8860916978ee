import process from "node:process";
import type { Logger } from "pino";
import { createLogger } from "./logger.ts";
import type { FromProcess, ProcessSetup, ToProcess } from "./process-setup.ts";

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
}

/** A stop that takes longer is ended. */
const stopTimeoutMs = 10_000;

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
  const onStart = async (setup: ProcessSetup) => {
    const logger = createLogger(name, setup.configuration["log.level"]);
    process.on("uncaughtException", (err) => {
      logger.fatal({ err }, "uncaught exception");
      process.exit(1);
    });
    try {
      running = await start({ setup, logger, send });
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
    else running?.wake?.();
  });
  process.on("disconnect", () => process.exit(process.exitCode ?? 0));
  // The terminal sends these to the whole group; the supervisor decides when each process stops.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
}

import { type Logger, pino } from "pino";

/** JSON lines on standard error; nothing secret is ever put into one, and these members are hidden in any case. */
export function createLogger(processName: string, level: string): Logger {
  return pino(
    {
      level,
      base: { process: processName, pid: process.pid },
      redact: ["req.headers.authorization", "headers.authorization", "url", "*.url"],
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

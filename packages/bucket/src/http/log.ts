/** One line of a log. Never holds a signature, a query string, or a header's value. */
export interface LogEntry {
  readonly level: "info" | "warn" | "error";
  readonly msg: string;
  readonly [member: string]: unknown;
}

export type Log = (entry: LogEntry) => void;

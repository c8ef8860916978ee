import type { ParseArgsOptionsConfig } from "node:util";

/** 0 done; 1 failed; 2 wrong usage; 3 some of several failed; 4 not signed in. */
export type ExitStatus = 0 | 1 | 2 | 3 | 4;

export interface CommandContext {
  readonly positionals: readonly string[];
  /** As node:util's parseArgs gives them, `json` and `help` taken out. */
  readonly options: ReadonlyMap<string, string | boolean | readonly (string | boolean)[]>;
  /** The environment, read in main.ts and nowhere else. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the person stands: paths resolve against it (INIT_CWD under npm). */
  readonly cwd: string;
  /** How the person calls this program: `stowage`, or `npm run -s stowage --`. */
  readonly program: string;
  readonly json: boolean;
  /** Aborted by SIGINT or SIGTERM, and when nobody reads standard output any more. */
  readonly signal: AbortSignal;
  /** Work that is awaited before the process ends, also when the person stopped the command. */
  holdOpen(work: Promise<unknown>): void;
  /** Results: a line on standard output. */
  out(line: string): void;
  /** People's words: a line on standard error. */
  say(line: string): void;
  readonly stdin: NodeJS.ReadableStream;
  /** For results that are no lines. */
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface Command {
  /** One or two words: `put`, `user add`. */
  readonly name: string;
  /** What follows the name: `PATH… [options]`. */
  readonly synopsis: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Paragraphs and examples below the synopsis of `--help`. */
  readonly description?: string;
  /** parseArgs' options; each with the words that `--help` shows for it. */
  readonly options: Readonly<
    Record<string, ParseArgsOptionsConfig[string] & { readonly help: string; readonly argument?: string }>
  >;
  readonly positionals: { readonly min: number; readonly max: number };
  run(context: CommandContext): Promise<ExitStatus>;
}

/** The person used the command wrongly: exit 2 with this sentence. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** It failed in a way that has a sentence for the person: exit with its status, without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitStatus: ExitStatus;
  constructor(message: string, exitStatus: ExitStatus = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitStatus = exitStatus;
  }
}

import { PassThrough, Readable } from "node:stream";
import type { CommandGroup } from "../commands.ts";
import { runCommandLine } from "../run-command-line.ts";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** What it finds on standard input; a stream is one that stays open. */
  readonly stdin?: string | NodeJS.ReadableStream;
  /** Told each line of standard error as it is said. */
  readonly onSay?: (line: string) => void;
  readonly program?: string;
  readonly groups?: readonly CommandGroup[];
}

export interface CapturedRun {
  readonly status: number;
  readonly out: string;
  readonly said: string;
  /** What was written to standard output other than by lines. */
  readonly bytes: Buffer;
}

/** Runs a command line in this process, as from a shell without a terminal. For tests. */
export async function capturedRun(args: readonly string[], options: RunOptions = {}): Promise<CapturedRun> {
  const { cwd = "/nowhere", env = {}, program = "stowage", stdin = "" } = options;
  const out: string[] = [];
  const said: string[] = [];
  const bytes: Buffer[] = [];
  const stdout = new PassThrough().on("data", (piece: Buffer) => bytes.push(piece));
  const stderr = new PassThrough().on("data", (piece: Buffer) => said.push(piece.toString()));
  const status = await runCommandLine(args, {
    env,
    cwd,
    program,
    version: "1.2.3",
    signal: options.signal ?? new AbortController().signal,
    out: (line) => out.push(`${line}\n`),
    say: (line) => {
      said.push(`${line}\n`);
      options.onSay?.(line);
    },
    stdin: typeof stdin === "string" ? Readable.from([Buffer.from(stdin)]) : stdin,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    ...(options.groups && { groups: options.groups }),
  });
  return { status, out: out.join(""), said: said.join(""), bytes: Buffer.concat(bytes) };
}

/** The values of a `--json` run. */
export const jsonValues = <T>({ out }: CapturedRun): T[] =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);

#!/usr/bin/env node
// The stowage command: reads what the process was given, runs one command, ends with its status.
import { createRequire } from "node:module";
import { runCommandLine } from "./cli/run-command-line.ts";
import { programOf, wherePersonStands } from "./cli/where-person-stands.ts";

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
const { env, stdin, stdout, stderr } = process;

/** The shell's convention for what a closed pipe ended: 128 + SIGPIPE. */
const brokenPipeStatus = 141;
const signalStatus = { SIGINT: 130, SIGTERM: 143 } as const;

const stop = new AbortController();
let stoppedStatus: number | undefined;
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.on(name, () => {
    // Whoever asks twice does not want to wait for an orderly end.
    if (stop.signal.aborted) process.exit(signalStatus[name]);
    stoppedStatus = signalStatus[name];
    stop.abort();
  });
for (const stream of [stdout, stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // Nobody reads any more (`stowage ls | head`): there is nothing to say, and nobody to say it to.
    if (error.code !== "EPIPE") throw error;
    stoppedStatus ??= brokenPipeStatus;
    stop.abort();
  });

const writeLine = (stream: NodeJS.WriteStream) => (line: string) => {
  if (!stream.destroyed) stream.write(`${line}\n`);
};
const flush = (stream: NodeJS.WriteStream) =>
  new Promise<void>((resolve) => {
    if (stream.destroyed) resolve();
    else stream.write("", () => resolve());
  });

const status = await runCommandLine(process.argv.slice(2), {
  env,
  cwd: wherePersonStands(env, process.cwd()),
  program: programOf(env),
  version,
  signal: stop.signal,
  out: writeLine(stdout),
  say: writeLine(stderr),
  stdin,
  stdout,
  stderr,
});
await Promise.all([flush(stdout), flush(stderr)]);
// Not left to an idle connection that is still open.
process.exit(status === signalStatus.SIGINT ? (stoppedStatus ?? status) : status);

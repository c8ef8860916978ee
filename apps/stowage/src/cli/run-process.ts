import { createRequire } from "node:module";
import { runCommandLine } from "./run-command-line.ts";
import { programOf, wherePersonStands } from "./where-person-stands.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** The shell's convention for what a closed pipe ended: 128 + SIGPIPE. */
const brokenPipeStatus = 141;
const signalStatus = { SIGINT: 130, SIGTERM: 143 } as const;

/** One Ctrl-C comes twice under npm: from the terminal, and passed on by npm. */
const sameKeyMs = 1000;

const writeLine = (stream: NodeJS.WriteStream) => (line: string) => {
  if (!stream.destroyed) stream.write(`${line}\n`);
};
const flush = (stream: NodeJS.WriteStream) =>
  new Promise<void>((resolve) => {
    if (stream.destroyed) resolve();
    else stream.write("", () => resolve());
  });

/** Reads what the process was given, runs one command, and ends the process with its status. */
export async function runProcess(): Promise<never> {
  const { env, stdin, stdout, stderr } = process;
  const stop = new AbortController();
  let stoppedStatus: number | undefined;
  let stoppedAtMs = 0;
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.on(name, () => {
      // Whoever asks again does not want to wait for an orderly end.
      if (stop.signal.aborted && performance.now() - stoppedAtMs > sameKeyMs)
        process.exit(signalStatus[name]);
      if (!stop.signal.aborted) stoppedAtMs = performance.now();
      stoppedStatus ??= signalStatus[name];
      stop.abort();
    });
  for (const stream of [stdout, stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // Nobody reads any more (`stowage ls | head`): there is nothing to say, and nobody to say it to.
      if (error.code !== "EPIPE") throw error;
      stoppedStatus ??= brokenPipeStatus;
      stop.abort();
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
  return process.exit(status === signalStatus.SIGINT ? (stoppedStatus ?? status) : status);
}

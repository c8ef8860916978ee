import { createRequire } from "node:module";
import { resolve } from "node:path";
import { type Command, type CommandContext, CommandError, UsageError } from "../cli/command.ts";
import { choosePorts } from "./choose-ports.ts";
import { compileCacheDirectory } from "./compile-cache-directory.ts";
import { readConfiguration } from "./configuration.ts";
import { lockDataDirectory } from "./data-directory-lock.ts";
import { assertIssuers, mainIssuer } from "./issuers/trusted-issuers.ts";
import { makeCacheDirectory, makeDataDirectory } from "./make-data-directory.ts";
import { publicUrlsOf, shareHostName } from "./public-urls.ts";
import { readyMessage } from "./ready-message.ts";
import { assertRestored } from "./restore/unfinished-restore.ts";
import { type Running, writeRunning } from "./running.ts";
import { tellSettings } from "./running-settings.ts";
import { chooseScanner, type ScannerChoice } from "./scanning/choose-scanner.ts";
import { openSecrets } from "./secrets.ts";
import { SettingError } from "./setting-error.ts";
import { startSupervisor } from "./supervisor.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

const text = ({ options }: CommandContext, name: string): string | undefined => {
  const value = options.get(name);
  return typeof value === "string" ? value : undefined;
};

/** `--host` and its like are short forms of settings. */
const shortForms = [
  ["host", "host"],
  ["port", "port"],
  ["public-url", "publicUrl"],
  ["bucket-url", "bucketUrl"],
] as const;

function assignmentsOf(context: CommandContext): string[] {
  const given = context.options.get("set");
  const assignments = Array.isArray(given) ? given.map(String) : [];
  for (const [option, key] of shortForms) {
    const value = text(context, option);
    if (value !== undefined) assignments.push(`${key}=${value}`);
  }
  return assignments;
}

export const upCommand: Command = {
  name: "up",
  synopsis: "[--data DIR] [--port N] [--set KEY=VALUE]…",
  summary: "Run everything on this machine: API, bucket, worker",
  description: [
    "Keeps all its files in the data directory, and prints its addresses once it answers.",
    "Stop it with Ctrl-C; files, accounts and uploads under way are there at the next start.",
    "",
    "  stowage up                          on http://localhost:8420",
    "  stowage up --data /srv/stowage      with another data directory",
    "  stowage up --set limits.quotaBytes=0",
    "  stowage config                      prints every KEY that --set and DIR/stowage.json take",
  ].join("\n"),
  options: {
    data: { type: "string", argument: "DIR", help: "Data directory (default ./.stowage)" },
    host: { type: "string", argument: "H", help: "Address to listen on (default 127.0.0.1)" },
    port: {
      type: "string",
      argument: "N",
      help: "Port of the API; the bucket takes N+1; 0 takes free ones (default 8420)",
    },
    "public-url": { type: "string", argument: "U", help: "Origin under which people reach the API" },
    "bucket-url": { type: "string", argument: "U", help: "Origin under which people reach the bucket" },
    set: {
      type: "string",
      multiple: true,
      argument: "KEY=VALUE",
      help: "Set anything that stowage config prints",
    },
    "insecure-http": {
      type: "boolean",
      help: "Allow public URLs without https: everybody on the way can read",
    },
  },
  positionals: { min: 0, max: 0 },
  run: runUp,
};

/** What a person writes before a command's arguments and after them. */
function howToRun(context: CommandContext): (command: string) => string {
  const data = text(context, "data");
  return (command) => `${context.program} ${command}${data === undefined ? "" : ` --data ${data}`}`;
}

/** A setting that is wrong is the person's to mend. */
function asWrongUsage(error: unknown): never {
  throw error instanceof SettingError ? new UsageError(error.message) : error;
}

async function runUp(context: CommandContext): Promise<0> {
  const dataDir = resolve(context.cwd, text(context, "data") ?? ".stowage");
  await makeDataDirectory(dataDir);
  await assertRestored(dataDir);
  const read = await readConfiguration(dataDir, assignmentsOf(context)).catch(asWrongUsage);
  const configuration = read.values;
  const lock = lockDataDirectory(dataDir);
  try {
    const ports = await choosePorts(configuration.host, configuration.port);
    const urls = publicUrlsOf(configuration, ports, context.options.get("insecure-http") === true);
    if (shareHostName(urls))
      throw new UsageError(
        `Pages and files need a host name each, and another port is not enough: ${urls.publicUrl} and ${urls.bucketUrl} share one. Give --bucket-url another.`,
      );
    let scanner: ScannerChoice;
    try {
      assertIssuers(configuration, urls.publicUrl);
      scanner = chooseScanner(configuration, urls.publicUrl);
    } catch (error) {
      asWrongUsage(error);
    }
    const setup = { configuration, secrets: await openSecrets(dataDir), dataDir, ...ports, ...urls, version };
    const supervisor = startSupervisor({
      setup,
      env: context.env,
      compileCacheDirectory: compileCacheDirectory(await makeCacheDirectory(dataDir)),
      say: context.say,
    });
    const stopRequested = new Promise<void>((resolveStop) => {
      if (context.signal.aborted) resolveStop();
      context.signal.addEventListener("abort", () => resolveStop(), { once: true });
    });
    try {
      await Promise.race([supervisor.started, stopRequested]).catch((cause: unknown) => {
        throw new CommandError(
          `Stowage could not start. ${cause instanceof Error ? cause.message : cause}`,
          1,
          {
            cause,
          },
        );
      });
      if (!context.signal.aborted) {
        const running: Running = {
          api: urls.publicUrl,
          web: urls.publicUrl,
          bucket: urls.bucketUrl,
          issuer: mainIssuer(configuration, urls.publicUrl),
          dataDir,
        };
        await writeRunning({
          ...running,
          internalApi: urls.internalApiUrl,
          internalBucket: urls.internalBucketUrl,
          scanner,
          settings: tellSettings(read),
        });
        if (context.json) context.out(JSON.stringify({ ready: true, ...running }));
        else context.out(readyMessage(setup, running.issuer, howToRun(context)));
      }
      await stopRequested;
    } finally {
      if (!context.json) context.say("Stopping…");
      await supervisor.stop();
    }
    return 0;
  } finally {
    lock.release();
  }
}

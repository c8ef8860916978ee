import { readFile, stat, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type Command, CommandError, UsageError } from "./command.ts";
import { jsonLine } from "./escape-text.ts";

const defaultName = "stowage-sw.js";

export const swCommand: Command = {
  name: "sw",
  synopsis: "DIR [--out NAME] [--force]",
  summary: "Writes a service worker for a site of your own: it sends with the page closed",
  description: `Writes DIR/${defaultName}, a script of its own, for pages that upload with @stowage/client/browser and have no
service worker. Serve it from the root of the site and register it in the page:

  navigator.serviceWorker.register("/${defaultName}");

A site that has a service worker calls handleStowage(self) of @stowage/client/service-worker in it instead.`,
  options: {
    out: { type: "string", argument: "NAME", help: `The file's name. Default: ${defaultName}` },
    force: { type: "boolean", help: "Replaces a file that this command did not write" },
  },
  positionals: { min: 1, max: 1 },
  async run(context) {
    const name = String(context.options.get("out") ?? defaultName);
    if (basename(name) !== name || !/^[^.].*\.m?js$/.test(name))
      throw new UsageError(`--out is a file's name that ends in .js, not “${name}”.`);
    const directory = resolve(context.cwd, context.positionals[0] ?? "");
    if (!(await stat(directory).catch(() => undefined))?.isDirectory())
      throw new CommandError(`There is no folder ${directory}.`);
    const path = join(directory, name);
    // Loaded only here: it can build.
    const { openWorker, workerMark } = await import("@stowage/web");
    const there = await readIfThere(path);
    if (there !== undefined && !there.startsWith(workerMark) && context.options.get("force") !== true)
      throw new CommandError(`${path} is there, and not of this command's making: --force replaces it.`);
    const worker = await openWorker();
    await writeFile(path, worker);
    context.out(context.json ? jsonLine({ path, sizeBytes: Buffer.byteLength(worker) }) : path);
    return 0;
  },
};

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

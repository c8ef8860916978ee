import type { BigIntStats, Dirent } from "node:fs";
import { lstat, opendir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ClientError, FileUnreadableError } from "@stowage/client";
import { type NodeSource, nodeSource } from "@stowage/client/node";
import { isSystemError } from "../system-error.ts";

/** Something on the way that is no file to send. */
export type Skipped = "hidden" | "link" | "special";

export interface WalkOptions {
  readonly cwd: string;
  /** Into folders too. */
  readonly recursive: boolean;
  onSkipped(kind: Skipped, path: string): void;
  /** A path that can't be sent; the walk goes on. */
  onProblem(path: string, problem: ClientError): void;
}

/** A file on the way, not opened yet. */
export interface Seen {
  readonly path: string;
  readonly absolutePath: string;
  readonly stats: BigIntStats;
}

/**
 * The files that paths mean, one at a time: a folder of any size is never held in memory. What a person names is
 * followed where it is a link; below a folder links are left out (they may lead anywhere, and in circles), and so is
 * what is hidden and what is no file.
 */
export async function* walkPaths(paths: readonly string[], options: WalkOptions): AsyncGenerator<Seen> {
  for (const path of paths) {
    const absolutePath = resolve(options.cwd, path);
    const stats = await attempt(path, options, () => stat(absolutePath, { bigint: true }));
    if (!stats) continue;
    if (stats.isDirectory() && !options.recursive)
      options.onProblem(
        path,
        new ClientError("is-folder", "This is a folder: add -r to send what is in it."),
      );
    else if (stats.isDirectory()) yield* walkFolder(path, absolutePath, options);
    else if (stats.isFile()) yield { path, absolutePath, stats };
    else options.onProblem(path, new ClientError("no-file", "This is neither a file nor a folder."));
  }
}

async function* walkFolder(path: string, absolutePath: string, options: WalkOptions): AsyncGenerator<Seen> {
  const folder = await attempt(path, options, () => opendir(absolutePath));
  if (!folder) return;
  try {
    for (;;) {
      const entry = await attempt(path, options, () => folder.read());
      if (!entry) return;
      yield* seeEntry(entry, path, absolutePath, options);
    }
  } finally {
    await folder.close();
  }
}

async function* seeEntry(
  entry: Dirent,
  folderPath: string,
  absoluteFolderPath: string,
  options: WalkOptions,
): AsyncGenerator<Seen> {
  const path = join(folderPath, entry.name);
  const absolutePath = join(absoluteFolderPath, entry.name);
  if (entry.name.startsWith(".")) return options.onSkipped("hidden", path);
  if (entry.isSymbolicLink()) return options.onSkipped("link", path);
  if (entry.isDirectory()) return yield* walkFolder(path, absolutePath, options);
  if (!entry.isFile()) return options.onSkipped("special", path);
  const stats = await attempt(path, options, () => lstat(absolutePath, { bigint: true }));
  if (stats) yield { path, absolutePath, stats };
}

/** The files ready to be sent; those that can't be read are problems. */
export async function* readFiles(paths: readonly string[], options: WalkOptions): AsyncGenerator<NodeSource> {
  for await (const { path, stats } of walkPaths(paths, options)) {
    const source = await attempt(path, options, () => nodeSource(path, { cwd: options.cwd, stats }));
    if (source) yield source;
  }
}

async function attempt<T>(
  path: string,
  { onProblem }: WalkOptions,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (cause) {
    const unreadable = isSystemError(cause) ? new FileUnreadableError(path, { cause }) : cause;
    if (!(unreadable instanceof FileUnreadableError)) throw cause;
    onProblem(path, unreadable);
    return undefined;
  }
}

import { open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncDirectory } from "../backup/durable-files.ts";
import type { Configuration } from "../settings.ts";
import { checkpointLine, parseCheckpointLine, type SignedCheckpoint } from "./checkpoint.ts";

/** Where a data directory's checkpoints are written, if nothing else is configured. */
export const defaultCheckpointFile = (dataDir: string): string => join(dataDir, "audit-checkpoints.jsonl");

export const checkpointFileOf = (dataDir: string, configuration: Configuration): string =>
  configuration["audit.checkpoints"] || defaultCheckpointFile(dataDir);

const lineEnd = 0x0a;

/** Appends checkpoints, one a line; returns once they are on the disk. The file is made where it is missing, its folder is not. */
export async function appendCheckpoints(
  path: string,
  checkpoints: readonly SignedCheckpoint[],
): Promise<void> {
  const file = await open(path, "a+", 0o600);
  let isNew = false;
  try {
    const { size } = await file.stat();
    isNew = size === 0;
    // A line that a power cut tore stays alone.
    const isTorn = !isNew && (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0] !== lineEnd;
    const lines = checkpoints.map((checkpoint) => `${checkpointLine(checkpoint)}\n`);
    await file.writeFile((isTorn ? "\n" : "") + lines.join(""));
    await file.sync();
  } finally {
    await file.close();
  }
  if (isNew) await syncDirectory(dirname(path));
}

export interface ReadCheckpoints {
  readonly checkpoints: readonly SignedCheckpoint[];
  /** Numbers, from 1, of lines that are no checkpoints. */
  readonly unreadableLines: readonly number[];
}

/** All of a file, in its order. Rejects with the system's error where it can't be read. */
export async function readCheckpoints(path: string): Promise<ReadCheckpoints> {
  const checkpoints: SignedCheckpoint[] = [];
  const unreadableLines: number[] = [];
  const lines = (await readFile(path, "utf8")).split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const checkpoint = parseCheckpointLine(line);
    if (checkpoint) checkpoints.push(checkpoint);
    else unreadableLines.push(index + 1);
  }
  return { checkpoints, unreadableLines };
}

const tailBytes = 1024 ** 2;

/** What the end of the file says last of each chain; nothing where there is no file. */
export async function readLastCheckpoints(path: string): Promise<ReadonlyMap<string, SignedCheckpoint>> {
  let text: string;
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - tailBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      text = buffer.subarray(0, bytesRead).toString("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return new Map();
    throw error;
  }
  return new Map(
    text
      .split("\n")
      .flatMap((line) => parseCheckpointLine(line) ?? [])
      .map((checkpoint) => [checkpoint.chain, checkpoint]),
  );
}

import { join } from "node:path";
import { type FileOperations, isFileError } from "./file-operations.ts";
import { parseName } from "./key-path.ts";

export interface WalkedKey {
  /** A byte string (key-path.ts). */
  readonly key: string;
  readonly path: string;
}

export interface WantedKeys {
  readonly prefix: string;
  /** Whoever takes the keys may put this further on at any time: what lies between is not read. */
  readonly after: string;
}

interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** The key so far, parents included. */
  readonly bytes: string;
}

const inKeyOrder = (a: Entry, b: Entry): number => {
  if (a.bytes !== b.bytes) return a.bytes < b.bytes ? -1 : 1;
  return Number(a.isDirectory) - Number(b.isDirectory);
};

const sharesPrefix = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);

/**
 * The keys under `directory` that start with `prefix` and come after `after`, in the order of their
 * bytes. Reads only the directories that can hold such a key; keys and arguments are byte strings.
 */
export async function* walkKeys(
  operations: FileOperations,
  directory: string,
  wanted: WantedKeys,
  parentBytes = "",
): AsyncGenerator<WalkedKey, void, undefined> {
  const entries: Entry[] = [];
  for (const name of await namesIn(operations, directory)) {
    const parsed = parseName(name);
    if (!parsed) continue;
    const bytes = parentBytes + parsed.bytes;
    const entry = { name, isDirectory: parsed.kind === "directory", bytes };
    if (isWanted(entry, wanted)) entries.push(entry);
  }
  entries.sort(inKeyOrder);
  for (const entry of entries) {
    if (!isWanted(entry, wanted)) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory) yield* walkKeys(operations, path, wanted, entry.bytes);
    else yield { key: entry.bytes, path };
  }
}

/** All keys below a directory start with its bytes. */
const isWanted = ({ isDirectory, bytes }: Entry, { prefix, after }: WantedKeys): boolean =>
  isDirectory
    ? sharesPrefix(bytes, prefix) && (bytes > after || after.startsWith(bytes))
    : bytes.startsWith(prefix) && bytes > after;

async function namesIn(operations: FileOperations, directory: string): Promise<string[]> {
  try {
    return await operations.list(directory);
  } catch (error) {
    if (isFileError(error, "ENOENT")) return [];
    throw error;
  }
}

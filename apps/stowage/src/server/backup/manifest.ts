import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../../cli/command.ts";
import { isSystemError } from "../../cli/system-error.ts";
import type { CopiedFile } from "./durable-files.ts";

export const manifestName = "manifest.json";

/** The files that a backup has in its own folder, by the name that each has there, and its path in a data directory. */
export const ownFiles = {
  database: { name: "stowage.sqlite", path: "stowage.sqlite", isNeeded: true },
  secrets: { name: "secrets.json", path: "secrets.json", isNeeded: true },
  settings: { name: "stowage.json", path: "stowage.json", isNeeded: false },
  accounts: { name: "issuer.sqlite", path: "issuer/issuer.sqlite", isNeeded: false },
  signingKeys: { name: "keys.json", path: "issuer/keys.json", isNeeded: false },
} as const satisfies Record<
  string,
  { readonly name: string; readonly path: string; readonly isNeeded: boolean }
>;

/** Lists the files of the bucket; see file-list.ts. */
export const fileListName = "files.sqlite";

/** What a backup is, in JSON; written last. */
export interface Manifest {
  readonly stowageBackup: 1;
  /** RFC 3339: every file that was ready then is in it. */
  readonly startedAt: string;
  /** RFC 3339: the moment that its database shows. */
  readonly takenAt: string;
  /** Of the Stowage that wrote it. */
  readonly version: string;
  /** Under which people reached the server; their accounts belong to it. Absent where no server was ever ready. */
  readonly publicUrl?: string;
  /** In its folder, by name. */
  readonly files: Readonly<Record<string, CopiedFile>>;
  /** Of the bucket. */
  readonly bucketFiles: number;
  readonly bucketBytes: number;
}

/**
 * Reads a backup's manifest.
 *
 * @throws CommandError where there is none, or none that is sound
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestName);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    if (isSystemError(cause) && cause.code === "ENOENT")
      throw new CommandError(`${folder} is no complete backup: its ${manifestName} is not there.`);
    throw new CommandError(`${path} is damaged.`, 1, { cause });
  }
  if (!isManifest(value)) throw new CommandError(`${path} is damaged, or another Stowage's.`);
  return value;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isCopiedFile = (value: unknown): value is CopiedFile =>
  isRecord(value) &&
  typeof value.sizeBytes === "number" &&
  typeof value.sha256 === "string" &&
  /^[0-9a-f]{64}$/.test(value.sha256);

/** Names are our own: one with a path in it would be read and written elsewhere. */
const knownNames: ReadonlySet<string> = new Set([
  fileListName,
  ...Object.values(ownFiles).map(({ name }) => name),
]);

const isManifest = (value: unknown): value is Manifest =>
  isRecord(value) &&
  value.stowageBackup === 1 &&
  ["startedAt", "takenAt", "version"].every((name) => typeof value[name] === "string") &&
  ["undefined", "string"].includes(typeof value.publicUrl) &&
  ["bucketFiles", "bucketBytes"].every((name) => typeof value[name] === "number") &&
  isRecord(value.files) &&
  Object.entries(value.files).every(([name, file]) => knownNames.has(name) && isCopiedFile(file)) &&
  [fileListName, ownFiles.database.name, ownFiles.secrets.name].every(
    (name) => isRecord(value.files) && Object.hasOwn(value.files, name),
  );

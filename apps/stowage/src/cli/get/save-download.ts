import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, link, lstat, open, readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CommandError } from "../command.ts";
import { escapeText } from "../escape-text.ts";
import { isSystemError } from "../system-error.ts";

export interface SaveOptions {
  /** Replace what is there; else that is an error. */
  readonly overwrite: boolean;
  /** Lower-case hex; what has another digest is never put in place. */
  readonly sha256: string | undefined;
}

/**
 * Writes bytes next to their target and moves them into place once they are whole and right: nobody ever sees half a
 * file there, and nothing is overwritten unasked, also by two at the same time.
 *
 * @param download - writes each piece of the bytes; may be called only once
 * @throws CommandError where the target exists, or the bytes are not those that were promised
 */
export async function saveDownload(
  target: string,
  { overwrite, sha256 }: SaveOptions,
  download: (write: (piece: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  await removeAbandoned(target);
  const partial = join(dirname(target), `${partialPrefix(target)}${randomUUID()}${partialSuffix}`);
  const handle = await open(partial, "wx");
  try {
    await receive(handle, sha256, download);
    await (overwrite ? rename(partial, target) : placeNew(partial, target));
  } catch (error) {
    await unlink(partial);
    throw error;
  }
}

const partialPrefix = (target: string): string => `.${basename(target).slice(0, 60)}.`;
const partialSuffix = ".part";
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A download whose connection gives nothing for a minute is given up: one that lives writes far more often. */
const abandonedAfterMs = 10 * 60_000;

/** Removes what downloads to the same target left that were killed: hidden, and as large as what they fetched. */
async function removeAbandoned(target: string): Promise<void> {
  const folder = dirname(target);
  const prefix = partialPrefix(target);
  const isPartial = (name: string): boolean =>
    name.startsWith(prefix) &&
    name.endsWith(partialSuffix) &&
    uuid.test(name.slice(prefix.length, -partialSuffix.length));
  try {
    for (const name of (await readdir(folder)).filter(isPartial)) {
      const path = join(folder, name);
      if (Date.now() - (await lstat(path)).mtimeMs > abandonedAfterMs) await unlink(path);
    }
  } catch (error) {
    // What can't be looked at or removed is in nobody's way; whether the folder can be written shows in a moment.
    if (!isSystemError(error)) throw error;
  }
}

async function receive(
  handle: FileHandle,
  sha256: string | undefined,
  download: (write: (piece: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  const hash = createHash("sha256");
  try {
    await download(async (piece) => {
      hash.update(piece);
      await handle.writeFile(piece);
    });
    await handle.sync();
  } finally {
    await handle.close();
  }
  assertDigest(hash.digest("hex"), sha256);
}

/** @throws CommandError */
export function assertDigest(actual: string, promised: string | undefined): void {
  if (promised !== undefined && actual !== promised)
    throw new CommandError(
      `What came is not the file: its SHA-256 is ${actual}, and the server promised ${promised}.`,
    );
}

/** File systems without hard links. */
const withoutLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** `link` refuses where something is, in one step. */
async function placeNew(partial: string, target: string): Promise<void> {
  try {
    await link(partial, target);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") throw existsError(target, error);
    if (!withoutLinks.has(code)) throw error;
    const claimed = await open(target, "wx").catch((cause: unknown) => {
      throw codeOf(cause) === "EEXIST" ? existsError(target, cause) : cause;
    });
    await claimed.close();
    await rename(partial, target);
    return;
  }
  await unlink(partial);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

export const existsError = (target: string, cause?: unknown): CommandError =>
  new CommandError(`${escapeText(target)} is there already: --force replaces it.`, 1, { cause });

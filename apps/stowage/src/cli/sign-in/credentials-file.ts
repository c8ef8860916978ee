import { createHash } from "node:crypto";
import { chmod, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makePrivateFolder } from "../../make-private-folder.ts";
import { CommandError } from "../command.ts";
import { escapeText } from "../escape-text.ts";
import { isSystemError } from "../system-error.ts";
import { type Credentials, parseCredentials } from "./credentials.ts";
import { LockTimeoutError, withExclusiveLock } from "./exclusive-lock.ts";

/** How a person is signed in to each server, in a file that only they can read. */
export interface CredentialsFile {
  readonly path: string;
  /**
   * What is kept of a server, by its origin.
   *
   * @throws DamagedCredentialsError, as everything here that reads
   */
  read(server: string): Promise<Credentials | undefined>;
  /** The origins of all servers that something is kept of, in the order in which they came. */
  servers(): Promise<string[]>;
  /**
   * Keeps, replaces or (`undefined`) forgets what is kept of one server. What is kept of others stays as it is, also
   * what this version does not understand. On return it is on disk.
   */
  write(server: string, credentials: Credentials | undefined): Promise<void>;
  /**
   * Does work on one server's credentials that one process at a time may do; it must not take longer than a minute.
   *
   * @throws CommandError where another process did not let go
   */
  exclusively<T>(server: string, work: () => Promise<T>): Promise<T>;
  /** Makes the folder, and tells whether it can be written, before a person is sent through a sign-in. */
  prepare(): Promise<void>;
  /** Moves a damaged file out of the way, for people to look at. Says where it is. */
  setAside(): Promise<string>;
}

/** The file is there and can't be understood. It is never overwritten. */
export class DamagedCredentialsError extends CommandError {
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`Your sign-ins can't be read: ${escapeText(path)} ${why}.`, 4, options);
  }
}

const version = 1;
const lockTimeoutMs = 60_000;

interface Contents {
  /** Members that this version knows nothing of. */
  readonly others: Readonly<Record<string, unknown>>;
  readonly servers: ReadonlyMap<string, unknown>;
}

export function openCredentialsFile(path: string): CredentialsFile {
  const folder = dirname(path);
  const lockNamed = (name: string) => join(folder, `${name}.lock`);

  const readContents = async (): Promise<Contents> => {
    const text = await readIfThere(path);
    return text === undefined ? { others: {}, servers: new Map() } : parseContents(path, text);
  };
  const prepare = async (): Promise<void> => {
    await makePrivateFolder(folder);
    if (process.platform !== "win32" && ((await stat(folder)).mode & 0o077) !== 0) await chmod(folder, 0o700);
    await withLock(lockNamed("credentials"), async () => undefined);
  };

  return {
    path,
    async read(server) {
      const { servers } = await readContents();
      const value = servers.get(server);
      const credentials = parseCredentials(value);
      if (value !== undefined && credentials === undefined)
        throw new DamagedCredentialsError(path, `holds something for ${server} that is not understood`);
      return credentials;
    },
    servers: async () => [...(await readContents()).servers.keys()],
    async write(server, credentials) {
      await makePrivateFolder(folder);
      await withLock(lockNamed("credentials"), async () => {
        const { others, servers } = await readContents();
        const changed = new Map(servers);
        if (credentials) changed.set(server, credentials);
        else if (!changed.delete(server)) return;
        await writeWhole(path, { ...others, version, servers: Object.fromEntries(changed) });
      });
    },
    async exclusively(server, work) {
      const name = createHash("sha256").update(server).digest("hex").slice(0, 16);
      return withLock(lockNamed(`renew-${name}`), work);
    },
    prepare,
    setAside: () =>
      withLock(lockNamed("credentials"), async () => {
        const aside = `${path}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
        await rename(path, aside);
        return aside;
      }),
  };
}

async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await withExclusiveLock(file, lockTimeoutMs, work);
  } catch (error) {
    if (error instanceof LockTimeoutError)
      throw new CommandError(`Another stowage command is in the way: ${escapeText(error.message)}`, 1, {
        cause: error,
      });
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, "r");
    try {
      // A copy or a backup may have come back with rights for others.
      if (process.platform !== "win32" && ((await file.stat()).mode & 0o077) !== 0) await file.chmod(0o600);
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isSystemError(error) && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
    throw error;
  }
}

function parseContents(path: string, text: string): Contents {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    // Not as the cause: the parser quotes what it read, and that may be a token.
    throw new DamagedCredentialsError(path, `is not JSON (${text.length} characters)`, {
      cause: cause instanceof Error ? cause.name : undefined,
    });
  }
  if (!isObject(json) || !isObject(json.servers))
    throw new DamagedCredentialsError(path, "does not hold what stowage login writes");
  const { servers, version: written, ...others } = json;
  if (typeof written !== "number" || written > version)
    throw new CommandError(
      `${escapeText(path)} was written by a newer stowage. Use that one, or give this one another folder with XDG_CONFIG_HOME.`,
    );
  return { others, servers: new Map(Object.entries(servers)) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Written aside, synced and renamed: whoever reads sees the old or the new, also after a power cut. */
async function writeWhole(path: string, contents: object): Promise<void> {
  const aside = `${path}.new`;
  await rm(aside, { force: true });
  const file = await open(aside, "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(contents, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
  await syncFolder(dirname(path));
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folder, and needs no sync of one.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

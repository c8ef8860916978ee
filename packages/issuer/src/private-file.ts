import { chmod, stat } from "node:fs/promises";

/**
 * Takes from a file what rights others have on it (a backup restored under another umask gives some).
 * By its name: opening and closing a SQLite file would drop the locks that this process holds on it.
 */
export async function makePrivate(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) await chmod(path, 0o600);
}

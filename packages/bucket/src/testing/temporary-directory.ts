import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A directory that is gone when the test is. `inMemory`: where the system has a place for that; its syncs cost nothing. */
export async function temporaryDirectory(test: TestContext, { inMemory = false } = {}): Promise<string> {
  const parent = inMemory && existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const directory = await mkdtemp(join(parent, "stowage-bucket-"));
  test.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Every file below a directory; empty where there is no directory. */
export const filesBelow = (directory: string): string[] =>
  existsSync(directory)
    ? readdirSync(directory, { recursive: true, encoding: "utf8" })
        .map((name) => join(directory, name))
        .filter((path) => statSync(path).isFile())
    : [];

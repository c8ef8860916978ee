import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";

const isSource = (name: string): boolean => !/\.(test|test-slow|test-full|testing)\.tsx?$/.test(name);

/**
 * 32 hex digits that name the content of all sources: the same files give the same key on every machine, and a change
 * of any byte another. Folders that are absent count as empty.
 *
 * @param folders read with all that is below them, tests left out
 * @param files read alone, such as the lockfile
 */
export async function sourceKey(folders: readonly string[], files: readonly string[]): Promise<string> {
  const lists = await Promise.all(folders.map(listFiles));
  const named = [
    ...lists.flatMap((list, index) =>
      list.map((name) => ({ name: `${index}/${name.name}`, file: name.file })),
    ),
    ...files.map((file, index) => ({ name: `file/${index}`, file })),
  ].sort((one, other) => (one.name < other.name ? -1 : 1));
  const contents = await Promise.all(named.map(({ file }) => readIfThere(file)));
  const hash = createHash("sha256");
  for (const [index, { name }] of named.entries()) {
    const content = contents[index];
    hash.update(`${name}\n${content ? content.byteLength : "absent"}\n`);
    if (content) hash.update(content);
  }
  return hash.digest("hex").slice(0, 32);
}

async function listFiles(folder: string): Promise<{ name: string; file: string }[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && isSource(entry.name))
      .map((entry) => {
        const file = join(entry.parentPath, entry.name);
        return { name: relative(folder, file).split(sep).join("/"), file };
      });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

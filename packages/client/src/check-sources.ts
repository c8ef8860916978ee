import type { FileSource } from "./ports.ts";

/**
 * Sources that would only show as a file without a name, or of no size.
 *
 * @throws TypeError that says which, such as one that is still a promise
 */
export function checkSources<Source extends FileSource>(sources: Iterable<Source>): readonly Source[] {
  const all = Array.from(sources);
  for (const [index, source] of all.entries()) {
    const { name, sizeBytes } = (source ?? {}) as Partial<Source>;
    if (typeof name !== "string" || !(typeof sizeBytes === "number" && sizeBytes >= 0))
      throw new TypeError(
        `Number ${index + 1} of what was added is no file: it has no name, or no sizeBytes.`,
      );
  }
  return all;
}

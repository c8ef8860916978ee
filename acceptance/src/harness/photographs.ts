import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { corpusDir, corpusFiles } from "./corpus.ts";
import { makePictures } from "./pictures/made-pictures.ts";
import { sha256Of } from "./transfer.ts";

/** A photograph on the disk, as a person has it. */
export interface Photograph {
  readonly name: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/**
 * Thirty photographs (or fewer) in a folder: those of the corpus in every EXIF orientation, where there is a corpus, else
 * pictures that are drawn. No two have the same bytes or the same name.
 */
export const layOutPhotographs = async (folder: string, count = 30): Promise<Photograph[]> =>
  corpusDir === undefined ? layOutMadePictures(folder, count) : layOut(folder, corpusPhotographs(), count);

/** Drawn pictures, whether there is a corpus or not. */
export const layOutMadePictures = async (folder: string, count = 30): Promise<Photograph[]> =>
  layOut(folder, await makePictures(count), count);

async function layOut(
  folder: string,
  found: Iterable<{ readonly name: string; readonly bytes: Buffer }>,
  count: number,
): Promise<Photograph[]> {
  await mkdir(folder, { recursive: true });
  const photographs = new Map<string, Photograph>();
  for (const { name, bytes } of found) {
    const sha256 = sha256Of(bytes);
    if (photographs.size < count && !photographs.has(sha256))
      photographs.set(sha256, { name, bytes, sha256, path: join(folder, name) });
  }
  if (photographs.size < count) throw new Error(`There are ${photographs.size} photographs, not ${count}.`);
  for (const { path, bytes } of photographs.values()) await writeFile(path, bytes);
  return [...photographs.values()];
}

function* corpusPhotographs(): Generator<{ readonly name: string; readonly bytes: Buffer }> {
  for (const folder of ["orientation", "images"])
    for (const file of corpusFiles(folder))
      if (/^(Landscape|Portrait)_\d\.jpg$/.test(file.name))
        yield { name: `${folder}-${file.name}`, bytes: file.read() };
}

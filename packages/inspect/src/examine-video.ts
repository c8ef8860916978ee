import { open } from "node:fs/promises";
import { commonName } from "./content-type.ts";
import type { Accepted, DecodeJob, Examination } from "./examination.ts";
import type { FilmContainer } from "./film.ts";
import { readIsoFilm } from "./read-iso-film.ts";
import { readMatroskaFilm } from "./read-matroska-film.ts";
import { fileSource } from "./strip/file-source.ts";
import type { ByteSource } from "./strip/iso-boxes.ts";

/** Films whose containers are read, and what reads them. */
export const filmReaders: ReadonlyMap<string, (source: ByteSource) => Promise<FilmContainer>> = new Map([
  ["video/mp4", readIsoFilm],
  ["video/quicktime", readIsoFilm],
  ["video/3gpp", readIsoFilm],
  ["video/3gpp2", readIsoFilm],
  ["video/webm", readMatroskaFilm],
  ["video/matroska", readMatroskaFilm],
]);

/**
 * Reads a film's container: whether all of it is there, how long it is, and how large it is shown. None of its pictures is
 * decoded.
 *
 * @param tellSoFar - told what the film is as soon as that is known
 */
export async function examineVideo(
  job: DecodeJob,
  contentType: string,
  read: (source: ByteSource) => Promise<FilmContainer>,
  tellSoFar: (examination: Accepted) => Promise<void>,
): Promise<Examination> {
  await using file = await open(job.path);
  const video = await read(await fileSource(file));
  if (typeof video === "string") {
    const detail = `The ${commonName(contentType)} film is damaged or incomplete: ${video}.`;
    return { verdict: "rejected", code: "corrupt", detail };
  }
  const examination: Accepted = { verdict: "accepted", contentType, video, pictures: [] };
  await tellSoFar(examination);
  return examination;
}

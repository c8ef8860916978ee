import { findFfmpeg } from "@stowage/inspect";
import { type Diagnosis, failed, ok, skipped } from "./diagnosis.ts";

/** Whether pictures of films can be taken. That they are not is no fault: their files are kept and checked all the same. */
export function checkFilms(choice: string): Diagnosis {
  const check = "films";
  if (choice === "none") return skipped(check, "Films have no pictures: inspect.ffmpeg is none.");
  const ffmpeg = findFfmpeg(choice);
  if (ffmpeg !== undefined) return ok(check, `Pictures of films are taken by ${ffmpeg}.`);
  return choice === "auto"
    ? skipped(check, "Films have no pictures: ffmpeg is not installed (Debian: apt install ffmpeg).")
    : failed(
        check,
        `There is no program at ${choice}.`,
        "Set inspect.ffmpeg to the path of ffmpeg, or to auto.",
      );
}

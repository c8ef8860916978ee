import { accessSync, constants } from "node:fs";
import { isAbsolute } from "node:path";
import { findProgram } from "../sandbox/find-program.ts";

/** `auto`: the system's, where it is installed. `none`: no pictures of films. Else an absolute path. */
export type FfmpegChoice = "auto" | "none" | (string & {});

/** The absolute path of ffmpeg; `undefined` where there is to be none, or is none. */
export function findFfmpeg(choice: FfmpegChoice): string | undefined {
  if (choice === "none") return undefined;
  if (choice === "auto") return findProgram("ffmpeg");
  try {
    accessSync(choice, constants.X_OK);
    return isAbsolute(choice) ? choice : undefined;
  } catch {
    return undefined;
  }
}

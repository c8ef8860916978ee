import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

/** A camera's, as {@link writePlace} writes it. */
export const serialNumber = "SN-4711-0815";

const place = [
  ...["-GPSLatitude=52.52", "-GPSLatitudeRef=N", "-GPSLongitude=13.405", "-GPSLongitudeRef=E"],
  ...["-XMP:GPSLatitude=52.52", "-XMP:GPSLongitude=13.405", `-EXIF:SerialNumber=${serialNumber}`],
];

/** What a program of the system's writes to its standard output; anything but success fails the test. */
export function runProgram(program: string, ...args: readonly string[]): string {
  const { stdout, stderr, status, error } = spawnSync(program, args, { encoding: "utf8" });
  if (error) throw error;
  assert.equal(status, 0, `${program}: ${stderr}`);
  return stdout;
}

/**
 * Has exiftool (Debian's libimage-exiftool-perl) write a place and a camera into a file, and makes sure that they are found there.
 *
 * @param more tags beside, as exiftool's options
 */
export function writePlace(path: string, ...more: readonly string[]): void {
  runProgram("exiftool", "-overwrite_original", "-q", "-q", "-m", ...place, ...more, path);
  assert.ok(tellTales(path).length > 0, `${path} tells where it is from`);
}

/** What exiftool finds in a file of places and cameras, a line each, at any depth (`-ee3`). */
export const tellTales = (path: string): string[] =>
  runProgram("exiftool", "-a", "-G1", "-s", "-ee3", "-U", "-m", path)
    .split("\n")
    .filter((line) => /GPS|Location|SerialNumber|Make\s|MakerNote/i.test(line));

/** A film of a second with a place in its user data, by ffmpeg. */
export function makePlacedFilm(path: string): void {
  const sources = ["-f", "lavfi", "-i", "testsrc=d=1:s=160x120:r=10"];
  const codec = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];
  runProgram("ffmpeg", "-v", "error", ...sources, "-metadata", "location=+52.52+013.40/", ...codec, path);
}

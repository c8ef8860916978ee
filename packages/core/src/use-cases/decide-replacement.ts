import type { FileRecord, VersionOfFile } from "../file.ts";
import { decideFileAccess, noFileAccess } from "../policy/decide-file-access.ts";
import type { Principal } from "../policy/principal.ts";
import { notFound, type Refusal } from "../refusal.ts";
import { isOwnSealed, sealed } from "./albums/own-sealed.ts";
import { notReady } from "./change-file.ts";

/**
 * Why a version may not be replaced, or nothing. One that is not current any more may be: what comes of it is decided
 * when the upload is ready (`placeVersion`).
 *
 * @param file the file that is named, if there is one
 */
export function decideReplacement(
  principal: Principal,
  file: FileRecord | undefined,
  { version }: VersionOfFile,
  nowMs: number,
): Refusal | undefined {
  if (file && isOwnSealed(principal, file)) return { ...sealed, member: "replaces/fileId" };
  // Owners alone replace, and of those it takes no rows to know it; whoever else may see it is told no more than the others.
  if (!file || !decideFileAccess(principal, "change", file, noFileAccess, nowMs).allowed) return notFound;
  if (file.state !== "ready") return { ...notReady(file), member: "replaces/fileId" };
  if (version > file.latestVersion)
    return {
      code: "validation-failed",
      member: "replaces/version",
      detail: `The file has no version ${version}; its newest is ${file.latestVersion}.`,
    };
  return undefined;
}

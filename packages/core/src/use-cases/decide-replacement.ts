import type { FileRecord, VersionOfFile } from "../file.ts";
import { decideAccess, type Principal } from "../policy/decide-access.ts";
import { notFound, type Refusal } from "../refusal.ts";
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
): Refusal | undefined {
  if (!file || !decideAccess(principal, "change", { kind: "file", ownerId: file.ownerId }).allowed)
    return notFound;
  if (file.state !== "ready") return { ...notReady(file), member: "replaces/fileId" };
  if (version > file.latestVersion)
    return {
      code: "validation-failed",
      member: "replaces/version",
      detail: `The file has no version ${version}; its newest is ${file.latestVersion}.`,
    };
  return undefined;
}

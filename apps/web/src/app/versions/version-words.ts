import { ClientError, type File, type FileVersion } from "@stowage/client";
import { failureWords } from "../chrome/failure-words.ts";

/** What a version is to its file, in a word or two. */
export const stateWords: Readonly<Record<FileVersion["state"], string>> = {
  current: "Current",
  superseded: "Replaced",
  conflict: "Kept beside",
};

export const conflictWords =
  "It was sent to replace a version that was not current any more when it arrived. Nothing was overwritten.";

/** Of a file that has versions kept beside the current one; nothing of one that has none. */
export function conflictsWords({ conflicts }: Pick<File, "conflicts">): string | undefined {
  if (conflicts === 0) return undefined;
  return conflicts === 1
    ? "This file was changed in two places at once. The other version is kept beside the current one."
    : `This file was changed in several places at once. ${conflicts} versions are kept beside the current one.`;
}

/** What became of a new version that was sent, for the person who sent it. */
export function replacedWords(
  { name }: Pick<File, "name">,
  now: Pick<File, "state">,
  sent: Pick<FileVersion, "version" | "state"> | undefined,
): string {
  if (!sent) return `${name} was deleted meanwhile. What you sent is kept as a file of its own.`;
  if (now.state === "trashed")
    return `${name} is in the trash by now. What you sent is kept beside it as version ${sent.version}.`;
  if (sent.state === "conflict")
    return `${name} was changed elsewhere meanwhile. Yours is kept beside it as version ${sent.version}.`;
  return sent.state === "current"
    ? `${name} is now version ${sent.version}.`
    : `Yours became version ${sent.version} of ${name}, and was replaced since.`;
}

/** Why a version could not be restored or deleted. */
export function versionFailureWords(error: unknown, { name }: Pick<File, "name">, version: number): string {
  const code = error instanceof ClientError ? error.code : undefined;
  if (code === "precondition-failed")
    return `${name} was changed elsewhere, so nothing was done. It is shown as it is now.`;
  if (code === "not-found") return `Version ${version} of ${name} is no longer there.`;
  return failureWords(error);
}

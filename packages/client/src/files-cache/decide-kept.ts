import type { File } from "@stowage/protocol";
import type { KeptRow } from "./kept-row.ts";

/** What of a file says whether kept bytes of it may still be read. */
export type FileFacts = Pick<File, "state" | "version" | "sha256">;

/**
 * Whether what is kept may stay, given the file as the server tells it now (`undefined`: as of something that does not exist). Bytes
 * of the file itself have to be those that one would get now: others than its owner may have got the original, and be given a copy
 * without places from now on.
 */
export function decideKept(
  { derivative, version, sha256 }: Pick<KeptRow, "derivative" | "version" | "sha256">,
  file: FileFacts | undefined,
): "allowed" | "refused" | "changed" {
  if (file?.state !== "ready") return "refused";
  if (file.version !== version) return "changed";
  return derivative === "original" && file.sha256 !== sha256 ? "changed" : "allowed";
}

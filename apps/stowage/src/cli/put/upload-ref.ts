import { createHash } from "node:crypto";
import type { NodeFile } from "../remote/node-file.ts";

export interface RefParts {
  readonly profile: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

const digest = (parts: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex");

/**
 * The name under which a file's upload goes on, whoever was killed: the same for the same file at the same place,
 * unchanged, sent for the same purpose.
 */
export const refOf = (
  { absolutePath, sizeBytes, mtimeNs }: Pick<NodeFile, "absolutePath" | "sizeBytes" | "mtimeNs">,
  sha256: string,
  { profile, metadata }: RefParts,
): string =>
  digest([
    "stowage put",
    absolutePath,
    sizeBytes,
    String(mtimeNs),
    sha256,
    profile ?? null,
    Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);

/** The ref after one whose file was deleted on the server since: the same again for whoever comes to it again. */
export const refAfter = (ref: string, goneFileId: string): string => digest([ref, goneFileId]);

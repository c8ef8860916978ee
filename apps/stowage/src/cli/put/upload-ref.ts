import { createHash } from "node:crypto";
import type { NodeSource } from "@stowage/client/node";

export interface RefParts {
  readonly profile: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly replaces?: { readonly fileId: string; readonly version: number } | undefined;
  readonly albumId?: string | undefined;
}

const digest = (parts: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex");

/**
 * The name under which a file's upload goes on, whoever was killed: the same for the same file at the same place,
 * unchanged, sent for the same purpose.
 *
 * @param content - the file's SHA-256, or for a large one a digest of samples of it
 */
export const refOf = (
  { absolutePath, sizeBytes, mtimeNs }: Pick<NodeSource, "absolutePath" | "sizeBytes" | "mtimeNs">,
  content: string,
  { profile, metadata, replaces, albumId }: RefParts,
): string =>
  digest([
    "stowage put",
    absolutePath,
    sizeBytes,
    String(mtimeNs),
    content,
    profile ?? null,
    Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
    ...(replaces ? [replaces.fileId, replaces.version] : []),
    ...(albumId === undefined ? [] : ["album", albumId]),
  ]);

/**
 * The ref after one whose file was deleted on the server since, or has other bytes: the same again for whoever comes
 * to it again.
 *
 * @param reason - the id of the file that is gone, or the SHA-256 that the file has here
 */
export const refAfter = (ref: string, reason: string): string => digest([ref, reason]);

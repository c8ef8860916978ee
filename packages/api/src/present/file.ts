import { allowedActions, decideAccess, type FileRecord, type Principal } from "@stowage/core";
import type { File } from "@stowage/protocol";
import { timestamp } from "./upload.ts";

/** A file's ETag: changes with every change of its row. */
export const etagOf = (file: FileRecord): string => `"r${file.revision}"`;

/** A file as a principal who may read it sees it. */
export function presentFile(file: FileRecord, principal: Principal): File {
  const { current } = file;
  const resource = { kind: "file", ownerId: file.ownerId } as const;
  return {
    id: file.id,
    name: file.name,
    contentType: current.contentType,
    sizeBytes: current.sizeBytes,
    sha256: current.sha256,
    owner: { id: file.ownerId },
    state: file.state,
    visibility: file.visibility,
    version: file.version,
    metadata: file.metadata,
    createdAt: timestamp(file.createdAtMs),
    ...(current.takenAtMs === undefined ? {} : { takenAt: timestamp(current.takenAtMs) }),
    ...(file.trashedAtMs === undefined ? {} : { trashedAt: timestamp(file.trashedAtMs) }),
    ...(current.width === undefined ? {} : { width: current.width }),
    ...(current.height === undefined ? {} : { height: current.height }),
    ...(current.thumbhash === undefined ? {} : { thumbhash: current.thumbhash }),
    ...(current.pageCount === undefined ? {} : { pageCount: current.pageCount }),
    ...(current.passwordProtected ? { passwordProtected: true } : {}),
    derivatives: current.derivatives.map(({ name, contentType, width, height, sizeBytes }) => ({
      name,
      contentType,
      width,
      height,
      sizeBytes,
    })),
    access: {
      can: allowedActions(principal, resource),
      because: decideAccess(principal, "read", resource).because,
    },
  };
}

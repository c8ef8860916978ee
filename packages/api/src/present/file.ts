import {
  allowedActions,
  decideAccess,
  type FileRecord,
  type Principal,
  type Quarantine,
} from "@stowage/core";
import type { File } from "@stowage/protocol";
import { timestamp } from "./upload.ts";
import { presentFacts } from "./version-facts.ts";

/** A file's ETag: changes with every change of its row. */
export const etagOf = (file: FileRecord): string => `"r${file.revision}"`;

/** For its owner: what was found, and what can be done. */
const presentQuarantine = ({ atMs, version, finding, scanner }: Quarantine): File["quarantine"] => ({
  at: timestamp(atMs),
  detail: `A later scan found malware in version ${version} of this file: ${finding} (${scanner}). Nothing of it is given out; you may delete it for good.`,
});

/** A file as a principal who may read it sees it. */
export function presentFile(file: FileRecord, principal: Principal): File {
  const { current } = file;
  const resource = { kind: "file", ownerId: file.ownerId } as const;
  return {
    id: file.id,
    name: file.name,
    ...presentFacts(current),
    owner: { id: file.ownerId },
    state: file.state,
    visibility: file.visibility,
    version: file.version,
    conflicts: file.conflicts,
    metadata: file.metadata,
    createdAt: timestamp(file.createdAtMs),
    ...(file.trashedAtMs === undefined ? {} : { trashedAt: timestamp(file.trashedAtMs) }),
    ...(file.quarantine ? { quarantine: presentQuarantine(file.quarantine) } : {}),
    access: {
      can: allowedActions(principal, resource),
      because: decideAccess(principal, "read", resource).because,
    },
  };
}

import type { CountersRecord, MetadataStore } from "../ports/metadata-store.ts";
import type { Counters } from "../ports/organisation-commands.ts";
import { endedUploadStates } from "../upload.ts";
import { appendAudit, type MemoryTables } from "./memory-metadata-store-tables.ts";

const agree = (one: Counters, other: Counters): boolean =>
  one.usedBytes === other.usedBytes &&
  one.reservedBytes === other.reservedBytes &&
  one.usedFiles === other.usedFiles &&
  one.openUploads === other.openUploads;

/** What reconciling asks of the rows. */
export function memoryReconciling(
  tables: MemoryTables,
): Pick<
  MetadataStore,
  "listVersions" | "listCounters" | "recountPrincipal" | "listIndexedFiles" | "reindexFile"
> {
  const { principals, uploads, files } = tables;

  const count = (ownerId: string): Counters => {
    const own = [...uploads.values()].filter(({ record }) => record.ownerId === ownerId);
    const ownFiles = [...files.values()].filter(({ record }) => record.ownerId === ownerId);
    const versions = ownFiles.flatMap((row) => [...row.versions.values()]);
    return {
      usedBytes: versions.reduce((sum, { facts }) => sum + facts.sizeBytes, 0),
      reservedBytes: own.reduce(
        (sum, { isReserved, record }) => sum + (isReserved ? record.sizeBytes : 0),
        0,
      ),
      usedFiles: ownFiles.length,
      openUploads: own.filter(({ record }) => !endedUploadStates.has(record.state)).length,
    };
  };

  const countersOf = (principalId: string): CountersRecord | undefined => {
    const principal = principals.get(principalId);
    if (!principal) return undefined;
    const { usedBytes, reservedBytes, usedFiles, openUploads } = principal;
    return {
      principalId,
      recorded: { usedBytes, reservedBytes, usedFiles, openUploads },
      counted: count(principalId),
    };
  };

  return {
    async listVersions({ after = "", limit }) {
      return [...files.values()]
        .flatMap(({ record: { id, ownerId }, versions }) =>
          [...versions.values()].map((version) => ({ ...version, fileId: id, ownerId })),
        )
        .flatMap(({ fileId, ownerId, version, facts, uploadId }) => {
          const storagePrefix = uploads.get(uploadId)?.record.storagePrefix ?? "";
          const { key, sizeBytes, sha256 } = facts;
          const pages = [...tables.makes.values()].flatMap((row) =>
            row.fileId === fileId && row.version === version ? (row.made ?? []) : [],
          );
          const derivatives = [...facts.derivatives, ...pages];
          return storagePrefix > after
            ? [{ fileId, ownerId, version, storagePrefix, key, sizeBytes, sha256, derivatives }]
            : [];
        })
        .sort((one, other) => (one.storagePrefix < other.storagePrefix ? -1 : 1))
        .slice(0, limit);
    },

    async listCounters({ after = "", limit }) {
      const ids = [...principals.keys()].filter((id) => id > after).sort();
      return ids.slice(0, limit).flatMap((id) => countersOf(id) ?? []);
    },

    async recountPrincipal(id) {
      const principal = principals.get(id);
      const counters = countersOf(id);
      if (!principal || !counters) return { outcome: "missing" };
      const { recorded: before, counted: after } = counters;
      if (agree(before, after)) return { outcome: "unchanged" };
      principals.set(id, { ...principal, ...after });
      appendAudit(tables, "system", "principal.recounted", id);
      return { outcome: "recounted", before, after };
    },

    // Lists are made of the rows whenever they are asked for.
    async listIndexedFiles({ after = "", limit }) {
      return [...files.values()]
        .map(({ record: { id, ownerId } }) => ({ fileId: id, ownerId, isRight: true }))
        .filter(({ fileId }) => fileId > after)
        .sort((one, other) => (one.fileId < other.fileId ? -1 : 1))
        .slice(0, limit);
    },

    async reindexFile(fileId) {
      return { outcome: files.has(fileId) ? "unchanged" : "missing" };
    },
  };
}

import type { ArchiveRecord } from "../archives/archive.ts";
import { archivePartKey } from "../keys.ts";
import { lateWriterMs, longestClaimWaitMs } from "../limits.ts";
import type { ArchiveClaim, ArchiveCommands } from "../ports/archive-commands.ts";
import { queueTurn } from "../queue-turn.ts";
import { type ArchiveRow, appendAudit, doom, type MemoryTables } from "./memory-metadata-store-tables.ts";

/** Commands over archives. */
export function memoryArchiveCommands(tables: MemoryTables): ArchiveCommands {
  const { clock, archives } = tables;
  const rows = () => [...archives.values()];

  const findHeld = ({ archiveId, attempt }: ArchiveClaim): ArchiveRow | undefined => {
    const row = archives.get(archiveId);
    return row?.record.state === "making" && row.attempt === attempt ? row : undefined;
  };

  const put = (row: ArchiveRow, change: Partial<ArchiveRow>, record: Partial<ArchiveRecord> = {}): void => {
    archives.set(row.record.id, { ...row, ...change, record: { ...row.record, ...record } });
  };

  const doomBegun = ({ keyPrefix, attempt, begun }: ArchiveRow): void => {
    for (let number = 1; number <= begun; number += 1)
      doom(tables, {
        key: archivePartKey(keyPrefix, attempt, number),
        notBeforeMs: clock.nowMs() + lateWriterMs,
      });
  };

  const doomParts = ({ record: { parts } }: ArchiveRow): void => {
    for (const { key } of parts) doom(tables, { key, notBeforeMs: clock.nowMs() });
  };

  return {
    async askArchive({ id, ownerId, request, keyPrefix, lifetimeMs, maxPerOwner }) {
      const own = rows().filter(
        ({ record: { ownerId: of, state }, keyPrefix: prefix }) =>
          of === ownerId &&
          ((state !== "failed" && state !== "stale") ||
            [...tables.doomed.keys()].some((key) => key.startsWith(prefix))),
      );
      if (own.length >= maxPerOwner) return { outcome: "too-many" };
      const nowMs = clock.nowMs();
      const waiting = own.filter(({ record: { state } }) => state === "waiting" || state === "making");
      const record: ArchiveRecord = {
        id,
        ownerId,
        request,
        state: "waiting",
        createdAtMs: nowMs,
        endsAtMs: nowMs + lifetimeMs,
        parts: [],
        leftOut: [],
      };
      archives.set(id, {
        record,
        keyPrefix,
        attempt: 0,
        failedAttempts: 0,
        leaseUntilMs: nowMs,
        turn: queueTurn(tables.claimedTurns.archives, Math.max(0, ...waiting.map(({ turn }) => turn))),
        begun: 0,
      });
      appendAudit(tables, { principalId: ownerId }, "archive.asked", id);
      return { outcome: "asked", archive: record };
    },

    async claimArchive({ leaseMs }) {
      const nowMs = clock.nowMs();
      const farthestMs = nowMs + Math.max(leaseMs, longestClaimWaitMs);
      const [row] = rows()
        .filter(
          ({ record: { state }, leaseUntilMs }) =>
            (state === "waiting" || state === "making") &&
            (leaseUntilMs <= nowMs || leaseUntilMs > farthestMs),
        )
        .sort((one, other) => one.turn - other.turn);
      if (!row) return undefined;
      doomBegun(row);
      const { storeUploadId, ...rest } = row;
      const archive = { ...row.record, state: "making" } as const;
      const claimed: ArchiveRow = {
        ...rest,
        record: archive,
        attempt: row.attempt + 1,
        failedAttempts: row.failedAttempts + 1,
        leaseUntilMs: nowMs + leaseMs,
        begun: 0,
      };
      archives.set(archive.id, claimed);
      tables.claimedTurns.archives = Math.max(tables.claimedTurns.archives, row.turn);
      const { attempt, failedAttempts, keyPrefix } = claimed;
      return {
        archiveId: archive.id,
        attempt,
        archive,
        failedAttempts,
        keyPrefix,
        ...(storeUploadId === undefined
          ? {}
          : { abandoned: { key: archivePartKey(keyPrefix, row.attempt, row.begun), storeUploadId } }),
      };
    },

    async renewArchive(command) {
      const row = findHeld(command);
      if (row) put(row, { leaseUntilMs: clock.nowMs() + command.leaseMs });
      return row !== undefined;
    },

    async beginArchivePart(command) {
      const row = findHeld(command);
      if (row) put(row, { begun: command.number, storeUploadId: command.storeUploadId });
      return row !== undefined;
    },

    async releaseArchive(command) {
      const row = findHeld(command);
      if (!row) return false;
      doomBegun(row);
      const { storeUploadId: _, ...rest } = row;
      archives.set(row.record.id, {
        ...rest,
        record: { ...row.record, state: "waiting" },
        failedAttempts: row.failedAttempts - (command.consumed ? 0 : 1),
        leaseUntilMs: clock.nowMs() + command.retryInMs,
        begun: 0,
      });
      return true;
    },

    async finishArchive(command) {
      const row = findHeld(command);
      if (!row) return "stale";
      const { result } = command;
      const endsAtMs = clock.nowMs() + command.lifetimeMs;
      const { storeUploadId: _, ...rest } = row;
      if (result.kind === "made") {
        const { parts, leftOut } = result;
        put({ ...rest, begun: 0 }, {}, { state: "ready", endsAtMs, parts, leftOut });
        appendAudit(tables, "system", "archive.made", row.record.id);
      } else {
        doomBegun(row);
        const { code, detail } = result;
        put({ ...rest, begun: 0 }, {}, { state: "failed", endsAtMs, failure: { code, detail } });
        appendAudit(tables, "system", "archive.failed", row.record.id);
      }
      return "finished";
    },

    async outdateArchive(archiveId) {
      const row = archives.get(archiveId);
      if (row?.record.state !== "ready") return false;
      doomParts(row);
      put(row, {}, { state: "stale", parts: [] });
      appendAudit(tables, "system", "archive.outdated", archiveId);
      return true;
    },

    async listReadyArchives({ after = "", limit }) {
      return rows()
        .map(({ record }) => record)
        .filter(({ id, state }) => state === "ready" && id > after)
        .sort((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, limit);
    },

    async listDoubtedArchives({ after = "", limit }) {
      return rows()
        .map(({ record }) => record)
        .filter(({ id, state }) => state === "ready" && id > after)
        .sort((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, limit)
        .map((archive) => ({ archive, doubts: 1 }));
    },

    async settleArchive() {
      // What is in doubt is not counted here: all of them are.
    },

    async findArchive(archiveId) {
      return archives.get(archiveId)?.record;
    },

    async endArchives({ limit, ownerId }) {
      const ended = rows()
        .filter(({ record }) =>
          ownerId === undefined ? record.endsAtMs <= clock.nowMs() : record.ownerId === ownerId,
        )
        .slice(0, limit);
      for (const row of ended) {
        doomBegun(row);
        doomParts(row);
        archives.delete(row.record.id);
        appendAudit(tables, "system", "archive.expired", row.record.id, undefined, row.record);
      }
      return ended.length;
    },
  };
}

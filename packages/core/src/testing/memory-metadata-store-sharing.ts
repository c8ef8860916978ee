import { auditedOf } from "../audit-event.ts";
import { compareCodePoints } from "../file-lists/fold-text.ts";
import type { FileInviteRecord } from "../ports/invite-commands.ts";
import type { GrantOutcome, GrantRecord, SharingCommands } from "../ports/sharing-commands.ts";
import { appendAudit, fileOf, type MemoryTables } from "./memory-metadata-store-tables.ts";

const endOf = ({ endsAtMs = Number.POSITIVE_INFINITY }: { readonly endsAtMs?: number }): number => endsAtMs;

/** Without its audit event. */
export function putMemoryGrant(
  tables: MemoryTables,
  {
    fileId,
    userId,
    endsAtMs,
    maxGrants,
    invitedAs,
  }: Omit<Parameters<SharingCommands["grantFile"]>[0], "actor"> & Pick<GrantRecord, "invitedAs">,
): GrantOutcome {
  const { clock, files, grants, invites } = tables;
  const row = files.get(fileId);
  if (!row) return { outcome: "missing" };
  if (row.record.state !== "ready") return { outcome: "not-ready", file: fileOf(tables, row) };
  const known = grants.get(fileId) ?? new Map<string, GrantRecord>();
  const before = known.get(userId);
  if (!before && known.size >= maxGrants) return { outcome: "too-many" };
  const isOlder = (invite: FileInviteRecord, grant: GrantRecord) =>
    invite.fileId === fileId && invite.createdAtMs > grant.grantedAtMs && grant.grantedAtMs < clock.nowMs();
  if (before && before.endsAtMs === endsAtMs && ![...invites.values()].some((each) => isOlder(each, before)))
    return { outcome: "unchanged", grant: before };
  const address = invitedAs ?? before?.invitedAs;
  const grant: GrantRecord = {
    fileId,
    userId,
    grantedAtMs: clock.nowMs(),
    ...(endsAtMs === undefined ? {} : { endsAtMs }),
    ...(address === undefined ? {} : { invitedAs: address }),
  };
  grants.set(fileId, new Map(known).set(userId, grant));
  return { outcome: "granted", grant };
}

/** Commands over who else may see a file. */
export function memorySharingCommands(tables: MemoryTables): SharingCommands {
  const { clock, files, grants, glassBreaks, invites, endedGrants } = tables;

  const forgetGrant = (fileId: string, userId: string, saidAtMs: number): boolean => {
    const kept = new Map(grants.get(fileId));
    const isThere = kept.delete(userId);
    grants.set(fileId, kept);
    const invited = [...invites.values()].filter((invite) => invite.fileId === fileId);
    if (isThere && invited.length > 0) {
      const ended = new Map(endedGrants.get(fileId));
      const ahead = invited.map(({ createdAtMs }) => createdAtMs).filter((atMs) => atMs > clock.nowMs());
      endedGrants.set(fileId, ended.set(userId, Math.max(saidAtMs, ended.get(userId) ?? 0, ...ahead)));
    }
    return isThere;
  };

  /** Counts them in the file's row. */
  const setGlassBreaks = (fileId: string, breaks: ReturnType<typeof glassBreaks.get> = []): void => {
    glassBreaks.set(fileId, breaks);
    const row = files.get(fileId);
    if (!row) throw new Error("a file vanished within a command");
    const { glassBreaks: _, ...record } = row.record;
    files.set(fileId, {
      ...row,
      record: {
        ...record,
        ...(breaks.length > 0 ? { glassBreaks: breaks.length } : {}),
      },
    });
  };

  return {
    async findFileAccess({ principalId, albumId, fileIds }) {
      const end = ({ endsAtMs }: { readonly endsAtMs?: number }) =>
        endsAtMs === undefined ? {} : { endsAtMs };
      return [...new Set(fileIds)].map((fileId) => {
        const grant = grants.get(fileId)?.get(principalId);
        const breaks = (glassBreaks.get(fileId) ?? []).filter(({ userId }) => userId === principalId);
        return {
          fileId,
          grants: [
            ...(grant ? [{ kind: "share", ...end(grant) } as const] : []),
            ...breaks.map((each) => ({ kind: "break-glass", ...end(each) }) as const),
          ],
          albumIds: [...(tables.albumFiles.get(fileId)?.keys() ?? [])].filter(
            (id) =>
              tables.albums.has(id) && (id === albumId || tables.albumMembers.get(id)?.has(principalId)),
          ),
        };
      });
    },

    async grantFile(command) {
      const { fileId, userId, actor, endsAtMs } = command;
      const outcome = putMemoryGrant(tables, command);
      if (outcome.outcome !== "granted") return outcome;
      const detail = JSON.stringify({ userId, ...(endsAtMs === undefined ? {} : { endsAt: endsAtMs }) });
      appendAudit(tables, actor, "file.granted", fileId, detail);
      return outcome;
    },

    async revokeGrant({ fileId, userId, actor }) {
      if (!forgetGrant(fileId, userId, clock.nowMs())) return false;
      appendAudit(tables, actor, "file.revoked", fileId, JSON.stringify({ userId }));
      return true;
    },

    async findGrant({ fileId, userId }) {
      return grants.get(fileId)?.get(userId);
    },

    async listGrants({ fileId, after = "", limit }) {
      return [...(grants.get(fileId)?.values() ?? [])]
        .filter(({ userId }) => compareCodePoints(userId, after) > 0)
        .sort((one, other) => compareCodePoints(one.userId, other.userId))
        .slice(0, limit);
    },

    async breakGlass({ fileId, userId, lifetimeMs, reason }) {
      if (files.get(fileId)?.record.state !== "ready") return { outcome: "missing" };
      const atMs = clock.nowMs();
      const glassBreak = { fileId, userId, atMs, endsAtMs: atMs + lifetimeMs, reason };
      const others = (glassBreaks.get(fileId) ?? []).filter(
        (each) => each.userId !== userId || each.atMs !== atMs,
      );
      setGlassBreaks(fileId, [...others, glassBreak]);
      const detail = JSON.stringify({ endsAt: glassBreak.endsAtMs });
      appendAudit(tables, { principalId: userId }, "file.glass-broken", fileId, detail);
      return { outcome: "broken", glassBreak };
    },

    async listGlassBreaks(fileIds) {
      return [...new Set(fileIds)].flatMap((id) => glassBreaks.get(id) ?? []);
    },

    async withdrawAudiences({ leftBeforeMs, limit }) {
      const stale = [...files.values()].filter(({ record: { ownerId, audience } }) => {
        const leftMs = tables.leftOrganisationAtMs.get(ownerId);
        const isOf = audience?.kind === "organisation" && audience.organisationId;
        return (
          isOf &&
          leftMs !== undefined &&
          leftMs <= leftBeforeMs &&
          isOf !== tables.principals.get(ownerId)?.organisationId
        );
      });
      const some = stale.slice(0, limit);
      for (const row of some) {
        const { audience: _, ...record } = row.record;
        files.set(record.id, { ...row, record: { ...record, revision: record.revision + 1 } });
        appendAudit(tables, "system", "file.changed", record.id, auditedOf({ audience: "private" }));
      }
      return some.length;
    },

    async forgetEndedGrants({ glassEndedBeforeMs, limit }) {
      const nowMs = clock.nowMs();
      const ended = [...grants.values()]
        .flatMap((known) => [...known.values()])
        .filter((grant) => endOf(grant) <= nowMs)
        .sort((one, other) => endOf(one) - endOf(other))
        .slice(0, limit);
      for (const { fileId, userId, grantedAtMs } of ended) forgetGrant(fileId, userId, grantedAtMs);
      const breaks = [...glassBreaks.values()]
        .flat()
        .filter((each) => endOf(each) < glassEndedBeforeMs)
        .sort((one, other) => endOf(one) - endOf(other))
        .slice(0, limit - ended.length);
      for (const old of breaks)
        setGlassBreaks(
          old.fileId,
          (glassBreaks.get(old.fileId) ?? []).filter((each) => each !== old),
        );
      return ended.length + breaks.length;
    },
  };
}

import { comparePositions } from "../file-lists/file-list.ts";
import { compareCodePoints } from "../file-lists/fold-text.ts";
import { inviteLifetimeMs } from "../limits.ts";
import { foundPersonTerm } from "../person-terms.ts";
import type { FileInviteRecord, InviteCommands } from "../ports/invite-commands.ts";
import type { PeopleCommands } from "../ports/people-commands.ts";
import { putMemoryGrant } from "./memory-metadata-store-sharing.ts";
import { appendAudit, fileOf, type MemoryTables } from "./memory-metadata-store-tables.ts";

/** Commands over invites to files, and what finds people. */
export function memoryInviteCommands(tables: MemoryTables): InviteCommands & PeopleCommands {
  const { clock, files, invites, principals, endedGrants } = tables;

  const byId = (one: FileInviteRecord, other: FileInviteRecord) => compareCodePoints(one.id, other.id);
  const isReady = (fileId: string) => files.get(fileId)?.record.state === "ready";
  const isOffered = (fileId: string) =>
    isReady(fileId) && !tables.deletedAccounts.has(files.get(fileId)?.record.ownerId ?? "");
  const detailOf = (inviteId: string) => JSON.stringify({ inviteId });
  const pageOf = (
    isIn: (invite: FileInviteRecord) => boolean,
    { after = "", limit }: { readonly after?: string; readonly limit: number },
  ) =>
    [...invites.values()]
      .filter((invite) => isIn(invite) && compareCodePoints(invite.id, after) > 0)
      .sort(byId)
      .slice(0, limit);

  return {
    async inviteToFile(command) {
      const { newId, fileId, email, emailKey, actor, lifetimeMs, grantEndsAtMs, maxInvites } = command;
      const row = files.get(fileId);
      if (!row) return { outcome: "missing" };
      if (row.record.state !== "ready") return { outcome: "not-ready", file: fileOf(tables, row) };
      const known = [...invites.values()].filter((invite) => invite.fileId === fileId);
      const before = known.find((invite) => invite.emailKey === emailKey);
      const nowMs = clock.nowMs();
      if (!before && known.length >= maxInvites) return { outcome: "too-many" };
      const invite: FileInviteRecord = {
        id: before?.id ?? newId,
        fileId,
        email,
        emailKey,
        createdAtMs: Math.max(
          nowMs,
          ...[...(endedGrants.get(fileId)?.values() ?? [])].map((atMs) => atMs + 1),
        ),
        expiresAtMs: nowMs + lifetimeMs,
        ...(grantEndsAtMs === undefined ? {} : { grantEndsAtMs }),
      };
      invites.set(invite.id, invite);
      appendAudit(tables, actor, "file.invited", fileId, detailOf(invite.id));
      return { outcome: "invited", invite };
    },

    async listFileInvites({ fileId, ...page }) {
      return pageOf((invite) => invite.fileId === fileId, page);
    },

    async withdrawFileInvite({ fileId, inviteId, actor }) {
      if (invites.get(inviteId)?.fileId !== fileId) return false;
      invites.delete(inviteId);
      appendAudit(tables, actor, "file.invite-withdrawn", fileId, detailOf(inviteId));
      return true;
    },

    async listInvitesFor({ emailKey, ...page }) {
      const isIn = (invite: FileInviteRecord) =>
        invite.emailKey === emailKey && invite.expiresAtMs > clock.nowMs() && isOffered(invite.fileId);
      return pageOf(isIn, page).map((invite) => {
        const { id, ownerId, name } = files.get(invite.fileId)?.record ?? { id: "", ownerId: "", name: "" };
        return { invite, file: { id, ownerId, name } };
      });
    },

    async acceptInvite({ inviteId, emailKey, userId, maxGrants }) {
      const invite = invites.get(inviteId);
      const nowMs = clock.nowMs();
      if (invite?.emailKey !== emailKey || invite.expiresAtMs <= nowMs) return { outcome: "missing" };
      const { fileId, grantEndsAtMs } = invite;
      if (grantEndsAtMs !== undefined && grantEndsAtMs <= nowMs) return { outcome: "missing" };
      if (!isOffered(fileId) || files.get(fileId)?.record.ownerId === userId) return { outcome: "missing" };
      const saidAtMs = endedGrants.get(fileId)?.get(userId);
      if (saidAtMs !== undefined && saidAtMs >= invite.createdAtMs) return { outcome: "missing" };
      const end = grantEndsAtMs === undefined ? {} : { endsAtMs: grantEndsAtMs };
      const known = tables.grants.get(fileId)?.get(userId);
      const isNewer = known !== undefined && known.grantedAtMs >= invite.createdAtMs;
      if (isNewer && known.endsAtMs !== undefined && known.endsAtMs <= nowMs) return { outcome: "missing" };
      const outcome = isNewer
        ? ({ outcome: "unchanged", grant: known } as const)
        : putMemoryGrant(tables, { fileId, userId, maxGrants, invitedAs: invite.email, ...end });
      if (outcome.outcome === "too-many") return outcome;
      if (!("grant" in outcome)) throw new Error("a file changed within a command");
      invites.delete(inviteId);
      const detail = {
        userId,
        ...(outcome.grant.endsAtMs === undefined ? {} : { endsAt: outcome.grant.endsAtMs }),
        inviteId,
      };
      appendAudit(tables, { principalId: userId }, "file.granted", fileId, JSON.stringify(detail));
      return { outcome: "accepted", grant: outcome.grant };
    },

    async declineInvite({ inviteId, emailKey, actor }) {
      const invite = invites.get(inviteId);
      if (invite?.emailKey !== emailKey || invite.expiresAtMs <= clock.nowMs()) return false;
      invites.delete(inviteId);
      appendAudit(tables, actor, "file.invite-declined", invite.fileId, detailOf(inviteId));
      return true;
    },

    async forgetEndedInvites(limit) {
      const ended = [...invites.values()]
        .filter(({ expiresAtMs }) => expiresAtMs <= clock.nowMs())
        .sort((one, other) => one.expiresAtMs - other.expiresAtMs)
        .slice(0, limit);
      for (const { id } of ended) invites.delete(id);
      const old = [...endedGrants]
        .flatMap(([fileId, people]) => [...people].map(([userId, atMs]) => ({ fileId, userId, atMs })))
        .filter(({ atMs }) => atMs <= clock.nowMs() - inviteLifetimeMs)
        .sort((one, other) => one.atMs - other.atMs)
        .slice(0, limit - ended.length);
      for (const { fileId, userId } of old) endedGrants.get(fileId)?.delete(userId);
      return ended.length + old.length;
    },

    async listPeople({ organisationId, text, after, limit }) {
      return [...principals.values()]
        .flatMap((person) => {
          const key = person.organisationId === organisationId ? foundPersonTerm(person, text) : undefined;
          return key === undefined ? [] : [{ person, position: { key, id: person.id } }];
        })
        .filter(({ position }) => !after || comparePositions(position, after) > 0)
        .sort((one, other) => comparePositions(one.position, other.position))
        .slice(0, limit)
        .map(({ person }) => person);
    },
  };
}

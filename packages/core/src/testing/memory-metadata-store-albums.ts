import {
  type AlbumInviteRecord,
  type AlbumMemberRecord,
  type AlbumRecord,
  type AlbumStanding,
  endOfRightMs,
  guestLifeMs,
  maxAlbumInvites,
  maxAlbumMembers,
  maxClockDifferenceMs,
} from "../album.ts";
import type { Actor } from "../audit-event.ts";
import { isSealed } from "../policy/decide-album-access.ts";
import type { AlbumCommand, AlbumCommands, AlbumOutcome } from "../ports/album-commands.ts";
import { guestIssuer, type NewCapability } from "../ports/capability-commands.ts";
import { endedUploadStates } from "../upload.ts";
import { deleteDelegationsOf } from "./memory-metadata-store-delegations.ts";
import { findRepeat, rememberKey } from "./memory-metadata-store-idempotency.ts";
import { deleteLinksBy, deleteLinksTo } from "./memory-metadata-store-links.ts";
import {
  albumOf,
  appendAudit,
  type FileRow,
  type MemoryTables,
  noteEndedGuest,
  pairKey,
  setAlbumFiles,
} from "./memory-metadata-store-tables.ts";

type AlbumRow = MemoryTables["albums"] extends Map<string, infer Row> ? Row : never;

export function memoryAlbumCommands(tables: MemoryTables): AlbumCommands {
  const { clock, albums, albumMembers, albumInvites, albumFiles, files } = tables;

  const standingOf = (albumId: string, userId: string): AlbumStanding | undefined => {
    const album = albumOf(tables, albumId);
    const member = albumMembers.get(albumId)?.get(userId);
    return album && { album, ...(member ? { member } : {}) };
  };

  const told = (albumId: string): AlbumRecord => {
    const album = albumOf(tables, albumId);
    if (!album) throw new Error(`album ${albumId} vanished within a command`);
    return album;
  };

  const isOwner = (albumId: string, actor: Actor): boolean =>
    typeof actor === "string" || albumMembers.get(albumId)?.get(actor.principalId)?.role === "owner";

  const refusal = ({ albumId, revision, actor }: AlbumCommand): AlbumOutcome | undefined => {
    const row = albums.get(albumId);
    if (!row) return { outcome: "missing" };
    if (!isOwner(albumId, actor)) return notOwner;
    return row.revision === revision ? undefined : { outcome: "stale", album: told(albumId) };
  };

  /** An owner without whom nobody is left who can act as one. */
  const isLastOwner = (albumId: string, userId: string): boolean => {
    const members = albumMembers.get(albumId);
    return (
      members?.get(userId)?.role === "owner" &&
      ![...members.values()].some(
        (other) => other.role === "owner" && other.userId !== userId && isPerson(other.userId),
      )
    );
  };

  const isGuest = (userId: string): boolean => tables.principals.get(userId)?.issuer === guestIssuer;

  const isPerson = (userId: string): boolean =>
    tables.principals.has(userId) && !isGuest(userId) && !tables.deletedAccounts.has(userId);

  const takeOut = (row: FileRow, albumId: string): void => {
    const others = [...(albumFiles.get(row.record.id) ?? [])].filter(([id]) => id !== albumId);
    setAlbumFiles(tables, row.record.id, new Map(others));
    noteEndedGuest(tables, row.record.ownerId);
    raise(row.record.id);
  };

  const raise = (fileId: string): void => {
    const row = files.get(fileId);
    if (row) files.set(fileId, { ...row, record: { ...row.record, revision: row.record.revision + 1 } });
  };

  const isLive = ({ expiresAtMs }: AlbumInviteRecord): boolean => expiresAtMs > clock.nowMs();

  const letsIn = (invite: AlbumInviteRecord): boolean =>
    isLive(invite) && !tables.deletedAccounts.has(invite.createdBy);

  const join = (
    albumId: string,
    member: Pick<AlbumMemberRecord, "userId" | "role" | "name">,
  ): AlbumMemberRecord => {
    const joined = {
      ...member,
      joinedAtMs: clock.nowMs(),
      shotsUsed: tables.leavers.get(pairKey(albumId, member.userId)) ?? 0,
    };
    albumMembers.get(albumId)?.set(member.userId, joined);
    return joined;
  };

  const endWaysInOf = (albumId: string, userId: string): void => {
    for (const [hash, invite] of albumInvites)
      if (invite.albumId === albumId && invite.createdBy === userId) albumInvites.delete(hash);
    deleteLinksBy(tables, { kind: "album", id: albumId }, userId);
  };

  /** Guests' rights. */
  const takeBack = (
    isMeant: (right: Extract<NewCapability, { readonly kind: "guest" }>) => boolean,
  ): void => {
    for (const [id, right] of tables.capabilities)
      if (right.kind === "guest" && isMeant(right)) tables.capabilities.delete(id);
  };

  const unseal = (row: FileRow): void => {
    const { sealedBy: _, quarantine, ...record } = row.record;
    const revision = record.revision + 1;
    files.set(record.id, {
      ...row,
      record: quarantine
        ? { ...record, revision, quarantine, state: "quarantined", trashedAtMs: quarantine.atMs }
        : { ...record, revision, state: "ready" },
    });
    appendAudit(tables, "system", "file.unsealed", record.id);
  };

  return {
    async createAlbum({ id, ownerId, name, revealAtMs, shotsPerMember, idempotency }) {
      const repeated = idempotency && findRepeat(tables, ownerId, idempotency);
      if (repeated?.outcome === "repeat") {
        const standing = standingOf(repeated.resourceId, ownerId);
        return { outcome: "repeat", ...(standing?.member && { standing }) };
      }
      if (repeated) return repeated;
      albums.set(id, {
        id,
        ownerId,
        name,
        createdAtMs: clock.nowMs(),
        revision: 1,
        ...(revealAtMs === undefined ? {} : { revealAtMs }),
        ...(shotsPerMember === undefined ? {} : { shotsPerMember }),
      });
      albumMembers.set(id, new Map());
      const member = join(id, { userId: ownerId, role: "owner" });
      if (idempotency) rememberKey(tables, ownerId, idempotency, id);
      appendAudit(tables, { principalId: ownerId }, "album.created", id);
      return { outcome: "created", album: told(id), member };
    },

    async findAlbums({ principalId, albumIds }) {
      return [...new Set(albumIds)].flatMap((id) => standingOf(id, principalId) ?? []);
    },

    async listAlbums({ principalId, after, limit }) {
      return [...albums.keys()]
        .flatMap((id) => {
          const { album, member } = standingOf(id, principalId) ?? {};
          return album && member ? [{ album, member }] : [];
        })
        .sort(
          (one, other) =>
            other.member.joinedAtMs - one.member.joinedAtMs || (one.album.id < other.album.id ? 1 : -1),
        )
        .filter(
          ({ album, member }) =>
            !after ||
            member.joinedAtMs < after.joinedAtMs ||
            (member.joinedAtMs === after.joinedAtMs && album.id < after.id),
        )
        .slice(0, limit);
    },

    async changeAlbum({ change: { name, revealAtMs, shotsPerMember }, ...command }) {
      const refused = refusal(command);
      const row = albums.get(command.albumId);
      if (refused || !row) return refused ?? { outcome: "missing" };
      if (revealAtMs !== undefined && !isSealed(row))
        return { outcome: "not-sealed", album: told(command.albumId) };
      const { shotsPerMember: before, ...rest } = row;
      const shots = shotsPerMember === undefined ? before : (shotsPerMember ?? undefined);
      albums.set(row.id, {
        ...rest,
        ...(name === undefined ? {} : { name }),
        ...(revealAtMs === undefined ? {} : { revealAtMs }),
        ...(shots === undefined ? {} : { shotsPerMember: shots }),
        revision: row.revision + 1,
      });
      appendAudit(tables, command.actor, "album.changed", row.id);
      return { outcome: "done", album: told(row.id) };
    },

    async deleteAlbum(command) {
      const refused = refusal(command);
      if (refused) return refused;
      const album = told(command.albumId);
      const isComing = [...tables.uploads.values()].some(
        ({ record }) => record.albumId === album.id && !endedUploadStates.has(record.state),
      );
      if (!album.isUnsealed && (album.fileCount > 0 || isComing)) return { outcome: "sealed", album };
      albums.delete(album.id);
      if (isSealed(album)) tables.unrevealedAlbums.add(album.id);
      takeBack(({ albumId }) => albumId === album.id);
      deleteLinksTo(tables, { kind: "album", id: album.id });
      for (const userId of albumMembers.get(album.id)?.keys() ?? []) noteEndedGuest(tables, userId);
      albumMembers.delete(album.id);
      for (const [hash, { albumId }] of albumInvites) if (albumId === album.id) albumInvites.delete(hash);
      for (const [rightId, { albumId }] of tables.mergedGuests)
        if (albumId === album.id) tables.mergedGuests.delete(rightId);
      appendAudit(tables, command.actor, "album.deleted", album.id, undefined, album);
      return { outcome: "done", album };
    },

    async emptyDeletedAlbums(limit) {
      const left = [...albumFiles]
        .flatMap(([fileId, ids]) => [...ids.keys()].map((albumId) => ({ fileId, albumId })))
        .filter(({ albumId }) => !albums.has(albumId))
        .slice(0, limit);
      for (const { fileId, albumId } of left) {
        const row = files.get(fileId);
        if (row) takeOut(row, albumId);
      }
      return left.length;
    },

    async revealAlbum({ albumId, actor, due }) {
      const row = albums.get(albumId);
      if (!row) return { outcome: "missing" };
      if (!isOwner(albumId, actor)) return notOwner;
      if (!isSealed(row)) return { outcome: "not-sealed", album: told(albumId) };
      const nowMs = clock.nowMs();
      if (due) {
        const clocks = [nowMs, ...due.clocksMs];
        if (Math.max(...clocks) - Math.min(...clocks) > maxClockDifferenceMs)
          return { outcome: "clocks-disagree", album: told(albumId) };
        if ((row.revealAtMs ?? 0) > Math.min(...clocks)) return { outcome: "not-due", album: told(albumId) };
      }
      albums.set(albumId, { ...row, revealedAtMs: nowMs, revision: row.revision + 1 });
      appendAudit(tables, actor, "album.revealed", albumId);
      return { outcome: "revealed", album: told(albumId) };
    },

    async unsealFiles({ albumId, limit, fileId }) {
      const album = albums.get(albumId);
      if (!album || isSealed(album)) return 0;
      const sealed = [...files.values()]
        .filter(({ record }) => record.sealedBy === albumId && (fileId === undefined || record.id === fileId))
        .slice(0, limit);
      for (const row of sealed) unseal(row);
      return sealed.length;
    },

    async listDueAlbums(limit) {
      const revealAt = ({ revealAtMs = 0 }: AlbumRow) => revealAtMs;
      return [...albums.values()]
        .filter((album) => isSealed(album) && revealAt(album) <= clock.nowMs())
        .sort((one, other) => revealAt(one) - revealAt(other) || (one.id < other.id ? -1 : 1))
        .slice(0, limit)
        .map(({ id }) => told(id));
    },

    async listUnsealingAlbums(limit) {
      return [...albums.keys()]
        .map(told)
        .filter((album) => !isSealed(album) && !album.isUnsealed)
        .slice(0, limit);
    },

    async listAlbumMembers({ albumId, after = "", limit }) {
      return [...(albumMembers.get(albumId)?.values() ?? [])]
        .filter(({ userId }) => userId > after)
        .sort((one, other) => (one.userId < other.userId ? -1 : 1))
        .slice(0, limit);
    },

    async setAlbumMember({ albumId, userId, role, actor }) {
      const members = albumMembers.get(albumId);
      if (!members) return { outcome: "missing" };
      if (!isOwner(albumId, actor)) return notOwner;
      const known = members.get(userId);
      if (known?.role === role) return { outcome: "done", member: known };
      if (role === "owner" && isGuest(userId)) return { outcome: "guest" };
      if (isLastOwner(albumId, userId)) return { outcome: "last-owner" };
      if (!known && members.size >= maxAlbumMembers) return { outcome: "too-many" };
      if (known) members.set(userId, { ...known, role });
      if (known?.role === "owner") endWaysInOf(albumId, userId);
      const member = known ? { ...known, role } : join(albumId, { userId, role });
      auditMember(tables, actor, "album.member-set", albumId, { userId, role });
      return { outcome: "done", member };
    },

    async removeAlbumMember({ albumId, userId, actor }) {
      const members = albumMembers.get(albumId);
      if (!members) return "missing";
      const isOneself = typeof actor !== "string" && actor.principalId === userId;
      if (!isOneself && !isOwner(albumId, actor)) return "not-owner";
      if (!members.has(userId)) return "missing";
      if (isLastOwner(albumId, userId)) return "last-owner";
      if (members.get(userId)?.role === "owner") endWaysInOf(albumId, userId);
      const left = pairKey(albumId, userId);
      tables.leavers.set(left, members.get(userId)?.shotsUsed ?? 0);
      if (isOneself) tables.putOut.delete(left);
      else tables.putOut.add(left);
      members.delete(userId);
      takeBack((right) => right.albumId === albumId && right.principalId === userId);
      deleteDelegationsOf(tables, userId, albumId);
      noteEndedGuest(tables, userId);
      auditMember(tables, actor, "album.member-removed", albumId, { userId });
      return "done";
    },

    async createAlbumInvite({ tokenHash, idempotency, ...asked }) {
      const repeated = idempotency && findRepeat(tables, asked.createdBy, idempotency);
      if (repeated?.outcome === "repeat") {
        const made = [...albumInvites.values()].find(({ id }) => id === repeated.resourceId);
        return { outcome: "repeat", ...(made && { invite: made }) };
      }
      if (repeated) return repeated;
      if (!albums.has(asked.albumId)) return { outcome: "missing" };
      if (!isOwner(asked.albumId, { principalId: asked.createdBy })) return notOwner;
      const live = [...albumInvites.values()].filter(
        (each) => each.albumId === asked.albumId && isLive(each),
      );
      if (live.length >= maxAlbumInvites) return { outcome: "too-many" };
      const invite = { ...asked, createdAtMs: clock.nowMs(), uses: 0 };
      albumInvites.set(tokenHash, invite);
      if (idempotency) rememberKey(tables, asked.createdBy, idempotency, asked.id);
      appendAudit(tables, { principalId: asked.createdBy }, "album.invited", asked.albumId);
      return { outcome: "done", invite };
    },

    async listAlbumInvites(albumId) {
      return [...albumInvites.values()]
        .filter((invite) => invite.albumId === albumId && isLive(invite))
        .sort((one, other) => other.createdAtMs - one.createdAtMs || (one.id < other.id ? 1 : -1));
    },

    async revokeAlbumInvite({ albumId, inviteId, actor }) {
      if (!albums.has(albumId)) return "missing";
      if (!isOwner(albumId, actor)) return "not-owner";
      const found = [...albumInvites].find(([, { id, albumId: of }]) => id === inviteId && of === albumId);
      if (!found) return "missing";
      albumInvites.delete(found[0]);
      appendAudit(tables, actor, "album.invite-revoked", albumId);
      return "done";
    },

    async findAlbumInvite(tokenHash) {
      const invite = albumInvites.get(tokenHash);
      const members = invite && albumMembers.get(invite.albumId);
      if (!invite || !members || !letsIn(invite)) return undefined;
      const { maxUses = Number.POSITIVE_INFINITY, uses, albumId } = invite;
      if (uses >= maxUses || members.size >= maxAlbumMembers) return undefined;
      return { invite, album: told(albumId) };
    },

    async acceptAlbumInvite({ tokenHash, as }) {
      const invite = albumInvites.get(tokenHash);
      const members = invite && albumMembers.get(invite.albumId);
      if (!invite || !members || !letsIn(invite)) return { outcome: "missing" };
      const { albumId, role } = invite;
      const userId = as.kind === "guest" ? as.newId : as.userId;
      const known = members.get(userId);
      if (known) return { outcome: "already", album: told(albumId), member: known };
      if (as.kind === "person" && tables.putOut.has(pairKey(albumId, userId))) return { outcome: "put-out" };
      const { maxUses = Number.POSITIVE_INFINITY, uses } = invite;
      if (uses >= maxUses || members.size >= maxAlbumMembers) return { outcome: "missing" };
      albumInvites.set(tokenHash, { ...invite, uses: uses + 1 });
      if (as.kind === "guest") {
        tables.hosts.set(userId, invite.createdBy);
        tables.principals.set(userId, {
          id: userId,
          issuer: guestIssuer,
          subject: userId,
          name: as.name,
          usedBytes: 0,
          usedFiles: 0,
          reservedBytes: 0,
          openUploads: 0,
          createdAtMs: clock.nowMs(),
        });
      }
      const leastMs = clock.nowMs() + guestLifeMs;
      if (as.kind === "guest")
        tables.capabilities.set(as.right.id, {
          ...as.right,
          kind: "guest",
          principalId: userId,
          albumId,
          endsAtMs: leastMs,
        });
      const member = join(albumId, { userId, role, ...(as.name === undefined ? {} : { name: as.name }) });
      appendAudit(tables, { principalId: userId }, "album.joined", albumId);
      return {
        outcome: "joined",
        album: told(albumId),
        member,
        ...(as.kind === "guest" ? { endsAtMs: endOfRightMs(leastMs, albums.get(albumId)) } : {}),
      };
    },

    async findAlbumFile({ albumId, fileId }) {
      const addedBy = albumFiles.get(fileId)?.get(albumId);
      return addedBy === undefined ? undefined : { addedBy };
    },

    async removeAlbumFile({ albumId, fileId, actor }) {
      const row = files.get(fileId);
      const addedBy = albumFiles.get(fileId)?.get(albumId);
      if (!row || row.record.state === "sealed" || addedBy === undefined) return "missing";
      const id = typeof actor === "string" ? undefined : actor.principalId;
      const hasPutIt = id === addedBy && albumMembers.get(albumId)?.has(addedBy) === true;
      if (id !== row.record.ownerId && !hasPutIt && !isOwner(albumId, actor)) return "not-owner";
      takeOut(row, albumId);
      appendAudit(tables, actor, "album.file-removed", fileId, JSON.stringify({ albumId }));
      return "done";
    },

    // Counted whenever they are asked for.
    async listAlbumCounts({ after = "", limit }) {
      return [...albums.keys()]
        .filter((id) => id > after)
        .sort()
        .slice(0, limit)
        .map(told)
        .map(({ id, fileCount }) => ({ albumId: id, recorded: fileCount, counted: fileCount }));
    },

    async recountAlbum(albumId) {
      return albums.has(albumId) ? "unchanged" : "missing";
    },
  };
}

const notOwner = { outcome: "not-owner" } as const;

const auditMember = (
  tables: MemoryTables,
  actor: Actor,
  action: "album.member-set" | "album.member-removed",
  albumId: string,
  detail: object,
): void => appendAudit(tables, actor, action, albumId, JSON.stringify(detail));

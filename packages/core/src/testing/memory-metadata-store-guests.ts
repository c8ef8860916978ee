import { roundedUp, stepOf } from "../others-share.ts";
import { guestIssuer } from "../ports/capability-commands.ts";
import type { GuestCommands, MergeGuest } from "../ports/guest-commands.ts";
import type { PrincipalRecord } from "../principal.ts";
import { hasRight } from "./memory-metadata-store-capabilities.ts";
import {
  addToCounters,
  appendAudit,
  bytesOf,
  fileOf,
  filesOf,
  type MemoryTables,
  pairKey,
  sumOfOrganisation,
} from "./memory-metadata-store-tables.ts";

/** What becomes of guests. */
export function memoryGuestCommands(tables: MemoryTables): GuestCommands {
  const { principals, files, albums, albumFiles, albumMembers, capabilities, endedGuests, mergedGuests } =
    tables;

  const hasSomeRight = (guestId: string): boolean =>
    [...capabilities.values()].some(
      (right) =>
        right.kind === "guest" && right.principalId === guestId && hasRight(tables, guestId, right.albumId),
    );

  const leave = (guestId: string): void => {
    principals.delete(guestId);
    for (const members of albumMembers.values()) members.delete(guestId);
    for (const [id, right] of capabilities)
      if (right.kind === "guest" && right.principalId === guestId) capabilities.delete(id);
    endedGuests.delete(guestId);
    tables.hosts.delete(guestId);
  };

  return {
    async listEndedGuests({ after = "", limit }) {
      return [...endedGuests]
        .filter((guestId) => guestId > after)
        .sort()
        .slice(0, limit)
        .map((guestId) => ({ guestId, hasRight: hasSomeRight(guestId) }));
    },

    async listHomelessFiles({ guestId, limit }) {
      return [...files.values()]
        .filter(({ record: { id, ownerId } }) => ownerId === guestId && !isAtHome(id))
        .slice(0, limit)
        .map((row) => fileOf(tables, row));
    },

    async settleGuest(guestId) {
      const guest = principals.get(guestId);
      const isBusy = guest !== undefined && (guest.reservedBytes > 0 || guest.openUploads > 0);
      const owns = [...files.values()].some(({ record }) => record.ownerId === guestId);
      const mayAct = hasSomeRight(guestId);
      if (guest?.issuer === guestIssuer && !isBusy && !owns && !mayAct) {
        leave(guestId);
        appendAudit(tables, "system", "guest.forgotten", guestId);
        return "forgotten";
      }
      if (isBusy && !mayAct) return "busy";
      endedGuests.delete(guestId);
      return guest ? "kept" : "missing";
    },

    async mergeGuest(command) {
      const { rightId, userId } = command;
      const right = capabilities.get(rightId);
      const merged = mergedGuests.get(rightId);
      if (merged)
        return merged.userId === userId
          ? { outcome: "already", albumId: merged.albumId }
          : { outcome: "missing" };
      if (right?.kind !== "guest" || !hasRight(tables, right.principalId, right.albumId))
        return { outcome: "missing" };
      const { principalId: guestId, albumId } = right;
      const [guest, person] = [principals.get(guestId), principals.get(userId)];
      const member = albumMembers.get(albumId)?.get(guestId);
      if (!guest || !member || !person || person.issuer === guestIssuer) return { outcome: "missing" };
      if (tables.putOut.has(pairKey(albumId, userId)) && !albumMembers.get(albumId)?.has(userId))
        return { outcome: "put-out" };
      if (!haveRoom(tables, command, person, guest)) return { outcome: "quota-exceeded" };
      const { usedBytes, reservedBytes, usedFiles, openUploads } = guest;
      addToCounters(tables, userId, { usedBytes, reservedBytes, usedFiles, openUploads });
      const own = albumMembers.get(albumId)?.get(userId);
      const role = member.role === "owner" ? "contributor" : member.role;
      const left = tables.leavers.get(pairKey(albumId, userId)) ?? 0;
      albumMembers
        .get(albumId)
        ?.set(
          userId,
          own
            ? { ...own, shotsUsed: own.shotsUsed + member.shotsUsed }
            : { ...member, userId, role, shotsUsed: member.shotsUsed + left },
        );
      handOver(guestId, userId);
      leave(guestId);
      mergedGuests.set(rightId, { userId, albumId });
      appendAudit(tables, { principalId: userId }, "guest.merged", guestId, JSON.stringify({ albumId }));
      return { outcome: "merged", albumId };
    },
  };

  function isAtHome(fileId: string): boolean {
    return [...(albumFiles.get(fileId)?.keys() ?? [])].some((id) => albums.has(id));
  }

  /** Whatever is the guest's is the person's. */
  function handOver(guestId: string, userId: string): void {
    for (const [id, row] of files)
      if (row.record.ownerId === guestId) {
        files.set(id, {
          ...row,
          record: { ...row.record, ownerId: userId, revision: row.record.revision + 1 },
        });
        const inAlbums = [...(albumFiles.get(id) ?? [])];
        albumFiles.set(id, new Map(inAlbums.map(([albumId, by]) => [albumId, by === guestId ? userId : by])));
      }
    for (const [key, make] of tables.makes)
      if (make.ownerId === guestId) tables.makes.set(key, { ...make, ownerId: userId });
    for (const [id, row] of tables.uploads) {
      if (row.record.ownerId !== guestId) continue;
      const { ref } = row.record;
      tables.uploads.set(id, { ...row, record: { ...row.record, ownerId: userId } });
      if (ref === undefined) continue;
      const [before, now] = [pairKey(guestId, ref), pairKey(userId, ref)];
      if (tables.refs.get(before) !== id) continue;
      tables.refs.delete(before);
      if (!tables.refs.has(now)) tables.refs.set(now, id);
    }
  }
}

/** Whether a person, and their organisation, may have what a guest has beside their own. */
function haveRoom(
  tables: MemoryTables,
  { quotaBytes, quotaFiles = 0, organisationQuotaBytes = 0, organisationQuotaFiles = 0 }: MergeGuest,
  person: PrincipalRecord,
  guest: PrincipalRecord,
): boolean {
  const organisation = person.organisationId && sumOfOrganisation(tables, person.organisationId);
  const [ownBytes, ownFiles] = [bytesOf(person), filesOf(person)];
  for (const [bytes, count, of] of [
    [quotaBytes, quotaFiles, person],
    [organisationQuotaBytes, organisationQuotaFiles, organisation],
  ] as const) {
    if (!of) continue;
    const othersBytes = roundedUp(bytesOf(of) - ownBytes, stepOf(bytes));
    const othersFiles = roundedUp(filesOf(of) - ownFiles, stepOf(count));
    const allBytes = othersBytes + ownBytes + bytesOf(guest);
    const allFiles = othersFiles + ownFiles + filesOf(guest);
    if ((bytes > 0 && allBytes > bytes) || (count > 0 && allFiles > count)) return false;
  }
  return true;
}

import type { LinkRecord } from "../link.ts";
import { isSealed } from "../policy/decide-album-access.ts";
import type { LinkTarget } from "../policy/principal.ts";
import type { PassphraseLimit } from "../ports/link-commands.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { findRepeat, rememberKey } from "./memory-metadata-store-idempotency.ts";
import { appendAudit, type LinkRow, type MemoryTables } from "./memory-metadata-store-tables.ts";

/** Of one person's, who may not make any more. */
export function deleteLinksBy(tables: MemoryTables, target: LinkTarget, createdBy: string): void {
  for (const { record } of tables.links.values())
    if (isTo(record, target) && record.createdBy === createdBy) tables.links.delete(record.id);
}

/** Of what is deleted itself. */
export function deleteLinksTo(tables: MemoryTables, target: LinkTarget): void {
  for (const { record } of tables.links.values()) if (isTo(record, target)) tables.links.delete(record.id);
}

const isTo = (link: LinkRecord, { kind, id }: LinkTarget): boolean =>
  link.target.kind === kind && link.target.id === id;

const isOpen = ({ deletedAccounts }: MemoryTables, { record }: LinkRow, nowMs: number): boolean =>
  record.endsAtMs > nowMs &&
  record.opens < (record.maxOpens ?? Number.POSITIVE_INFINITY) &&
  !deletedAccounts.has(record.createdBy);

const isInWindow = ({ triesSinceMs }: LinkRow, { windowMs }: PassphraseLimit, nowMs: number): boolean =>
  triesSinceMs + windowMs > nowMs && triesSinceMs <= nowMs + windowMs;

const isLocked = (row: LinkRow, limit: PassphraseLimit, nowMs: number): boolean =>
  row.tries >= limit.maxWrong && isInWindow(row, limit, nowMs);

export function memoryLinkCommands(
  tables: MemoryTables,
): Pick<
  MetadataStore,
  | "createLink"
  | "listLinks"
  | "revokeLink"
  | "findLinkToOpen"
  | "openLink"
  | "countWrongPassphrase"
  | "forgetEndedLinks"
> {
  const { clock, links, files, capabilities } = tables;

  const audit = (
    actor: Parameters<typeof appendAudit>[1],
    action: `link.${string}`,
    { id, target }: LinkRecord,
  ) => appendAudit(tables, actor, action as "link.created", target.id, JSON.stringify({ linkId: id }));

  /** The row, where the link may be opened, or why it may not. */
  const openRow = ({ id, ...limit }: { readonly id: string } & PassphraseLimit) => {
    const row = links.get(id);
    const nowMs = clock.nowMs();
    if (!row || !isOpen(tables, row, nowMs)) return { outcome: "missing" } as const;
    return isLocked(row, limit, nowMs)
      ? ({ outcome: "locked", untilMs: row.triesSinceMs + limit.windowMs } as const)
      : { row };
  };

  const ownsAlbum = (id: string, personId: string): boolean =>
    tables.albumMembers.get(id)?.get(personId)?.role === "owner";

  const isTheirs = ({ kind, id }: LinkTarget, personId: string): boolean => {
    if (kind === "album") {
      const album = tables.albums.get(id);
      return album !== undefined && !isSealed(album) && ownsAlbum(id, personId);
    }
    const file = files.get(id)?.record;
    return file?.ownerId === personId && file.state === "ready";
  };

  return {
    async createLink({
      id,
      target,
      createdBy,
      tokenDigest,
      passphraseHash,
      maxPerTarget,
      idempotency,
      ...said
    }) {
      const known = idempotency && findRepeat(tables, createdBy, idempotency);
      if (known?.outcome === "repeat") {
        const link = links.get(known.resourceId)?.record;
        return { outcome: "repeat", ...(link && { link }) };
      }
      if (known) return known;
      if (!isTheirs(target, createdBy)) return { outcome: "missing" };
      const nowMs = clock.nowMs();
      const theirs = [...links.values()].filter(
        ({ record }) => isTo(record, target) && record.endsAtMs > nowMs,
      );
      if (theirs.length >= maxPerTarget) return { outcome: "too-many" };
      const record: LinkRecord = {
        id,
        target,
        createdBy,
        createdAtMs: nowMs,
        hasPassphrase: passphraseHash !== undefined,
        opens: 0,
        ...said,
      };
      const kept = passphraseHash === undefined ? {} : { passphraseHash };
      links.set(id, { record, tokenDigest, ...kept, tries: 0, triesSinceMs: 0 });
      if (idempotency) rememberKey(tables, createdBy, idempotency, id);
      audit({ principalId: createdBy }, "link.created", record);
      return { outcome: "created", link: record };
    },

    async listLinks({ target, after, limit }) {
      return [...links.values()]
        .map(({ record }) => record)
        .filter((link) => isTo(link, target))
        .filter(
          ({ createdAtMs, id }) =>
            !after || createdAtMs < after.createdAtMs || (createdAtMs === after.createdAtMs && id < after.id),
        )
        .sort((one, other) => other.createdAtMs - one.createdAtMs || (one.id < other.id ? 1 : -1))
        .slice(0, limit);
    },

    async revokeLink({ id, target, actor }) {
      const row = links.get(id);
      if (!row || !isTo(row.record, target)) return false;
      if (target.kind === "album" && typeof actor !== "string" && !ownsAlbum(target.id, actor.principalId))
        return false;
      links.delete(id);
      audit(actor, "link.revoked", row.record);
      return true;
    },

    async findLinkToOpen({ tokenDigest, ...limit }) {
      const nowMs = clock.nowMs();
      const row = [...links.values()].find((each) => each.tokenDigest === tokenDigest);
      if (!row || !isOpen(tables, row, nowMs)) return undefined;
      const { record: link, passphraseHash, triesSinceMs } = row;
      return {
        link,
        ...(passphraseHash === undefined ? {} : { passphraseHash }),
        ...(isLocked(row, limit, nowMs) ? { lockedUntilMs: triesSinceMs + limit.windowMs } : {}),
      };
    },

    async openLink({ capabilityId, lifetimeMs, ...command }) {
      const found = openRow(command);
      if (!("row" in found)) return found;
      const link = { ...found.row.record, opens: found.row.record.opens + 1 };
      links.set(link.id, { ...found.row, record: link });
      const endsAtMs = Math.min(clock.nowMs() + lifetimeMs, link.endsAtMs);
      capabilities.set(capabilityId, {
        kind: "link",
        id: capabilityId,
        linkId: link.id,
        scopes: ["files:read"],
        endsAtMs,
      });
      audit("anonymous", "link.opened", link);
      return { outcome: "opened", link, endsAtMs };
    },

    async countWrongPassphrase(command) {
      const found = openRow(command);
      if (!("row" in found)) return found;
      const { row } = found;
      const nowMs = clock.nowMs();
      const goesOn = row.tries > 0 && isInWindow(row, command, nowMs);
      const tries = goesOn ? row.tries + 1 : 1;
      links.set(command.id, { ...row, tries, triesSinceMs: goesOn ? row.triesSinceMs : nowMs });
      if (tries >= command.maxWrong) audit("anonymous", "link.locked", row.record);
      return { outcome: "counted" };
    },

    async forgetEndedLinks({ endedBeforeMs, limit }) {
      const ended = [...links.values()]
        .filter(({ record }) => record.endsAtMs < endedBeforeMs)
        .sort((one, other) => one.record.endsAtMs - other.record.endsAtMs)
        .slice(0, limit);
      for (const { record } of ended) links.delete(record.id);
      return ended.length;
    },
  };
}

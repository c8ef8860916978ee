import { emailKey } from "../email-key.ts";
import { type AccountCommands, type DeletedAccount, tokensEndAtMs } from "../ports/account-commands.ts";
import { endedUploadStates } from "../upload.ts";
import { deleteDelegationsOf } from "./memory-metadata-store-delegations.ts";
import { forgetKeysOf } from "./memory-metadata-store-idempotency.ts";
import { appendAudit, fileOf, type MemoryTables, pairKey } from "./memory-metadata-store-tables.ts";

/** What people do with their account. */
export function memoryAccountCommands(tables: MemoryTables): AccountCommands {
  const { clock, principals, idsByIdentity, uploads, files, refs, events, deletedAccounts: deleted } = tables;
  const deletedIdentities = new Map<string, { readonly tokensValidFromMs: number }>();
  const erased = new Set<string>();
  const endOf = (principalId: string, issuerAheadMs: number | undefined) =>
    tokensEndAtMs({ nowMs: clock.nowMs(), saidAtMs: tables.saidAtMs.get(principalId) ?? 0, issuerAheadMs });
  return {
    async signOutEverywhere({ principalId, issuerAheadMs }) {
      const principal = principals.get(principalId);
      if (!principal) return undefined;
      const tokensValidFromMs = endOf(principalId, issuerAheadMs);
      principals.set(principalId, { ...principal, tokensValidFromMs });
      deleteDelegationsOf(tables, principalId);
      appendAudit(tables, { principalId }, "principal.signed-out", principalId);
      return { principalId, tokensValidFromMs };
    },

    async changeProfile({ principalId, revision, name }) {
      const known = principals.get(principalId);
      if (!known || deleted.has(principalId)) return { outcome: "missing" };
      const { profileRevision = 1, name: _, ...rest } = known;
      if (profileRevision !== revision) return { outcome: "stale", person: known };
      if (name === null) tables.chosenNames.delete(principalId);
      else tables.chosenNames.set(principalId, name);
      const called = name ?? tables.issuersNames.get(principalId);
      const person = {
        ...rest,
        ...(called === undefined ? {} : { name: called }),
        profileRevision: revision + 1,
      };
      principals.set(principalId, person);
      for (const [albumId, members] of tables.albumMembers) {
        const { name: before, ...member } = members.get(principalId) ?? {};
        if (!("userId" in member) || before === undefined) continue;
        const renamed = { ...member, ...(called === undefined ? {} : { name: called }) };
        tables.albumMembers.set(albumId, new Map(members).set(principalId, renamed));
      }
      appendAudit(tables, { principalId }, "principal.changed", principalId);
      return { outcome: "done", person };
    },

    async listSignedOut(laterThanMs) {
      return [...principals.values()].flatMap(({ id, tokensValidFromMs = 0 }) =>
        tokensValidFromMs > laterThanMs ? [{ principalId: id, tokensValidFromMs }] : [],
      );
    },

    async findTokensValidFrom({ issuer, subject }) {
      const ended = deletedIdentities.get(pairKey(issuer, subject));
      const person = [...principals.values()].find(
        (each) => each.issuer === issuer && each.subject === subject,
      );
      const signedOutMs = person?.tokensValidFromMs;
      const isAwaited = [...deleted.values()].some(
        ({ issuerAccount: account }) => account?.issuer === issuer && account.subject === subject,
      );
      if (isAwaited) return { tokensValidFromMs: Number.MAX_SAFE_INTEGER, isDeleted: true };
      if (signedOutMs === undefined && ended === undefined) return undefined;
      const afterDeletionMs = ended?.tokensValidFromMs ?? 0;
      return (signedOutMs ?? 0) >= afterDeletionMs
        ? { tokensValidFromMs: signedOutMs ?? 0, isDeleted: false }
        : { tokensValidFromMs: afterDeletionMs, isDeleted: true };
    },

    async deleteAccount({ principalId, ownIssuer, issuerAheadMs }) {
      const principal = principals.get(principalId);
      if (!principal || deleted.has(principalId)) return undefined;
      const deletedAtMs = clock.nowMs();
      const tokensValidFromMs = endOf(principalId, issuerAheadMs);
      const { issuer, subject, email, name: _, organisation: __, emailVerified, ...kept } = principal;
      deletedIdentities.set(pairKey(issuer, subject), { tokensValidFromMs });
      tables.chosenNames.delete(principalId);
      tables.issuersNames.delete(principalId);
      deleted.set(principalId, {
        principalId,
        deletedAtMs,
        ...(issuer === ownIssuer ? { issuerAccount: { issuer, subject } } : {}),
      });
      idsByIdentity.delete(pairKey(issuer, subject));
      principals.set(principalId, {
        ...kept,
        issuer,
        subject: `deleted:${principalId}`,
        tokensValidFromMs,
      });
      for (const [albumId, members] of tables.albumMembers) {
        const { name: ___, ...member } = members.get(principalId) ?? {};
        if ("userId" in member) tables.albumMembers.set(albumId, new Map(members).set(principalId, member));
      }
      for (const [fileId, grants] of tables.grants) {
        const { invitedAs: ____, ...grant } = grants.get(principalId) ?? {};
        if ("userId" in grant) tables.grants.set(fileId, new Map(grants).set(principalId, grant));
      }
      for (const { id, fileId, emailKey: key } of tables.invites.values())
        if (emailVerified && email !== undefined && key === emailKey(email)) {
          tables.invites.delete(id);
          appendAudit(
            tables,
            { principalId },
            "file.invite-declined",
            fileId,
            JSON.stringify({ inviteId: id }),
          );
        }
      for (const [rightId, { userId }] of tables.mergedGuests)
        if (userId === principalId) tables.mergedGuests.delete(rightId);
      deleteDelegationsOf(tables, principalId);
      forgetKeysOf(tables, principalId);
      appendAudit(tables, { principalId }, "principal.deleted", principalId);
      return { principalId, tokensValidFromMs };
    },

    async forgetIssuerAccount(principalId) {
      const { issuerAccount: _, ...account } = deleted.get(principalId) ?? {};
      if ("principalId" in account) deleted.set(principalId, account);
    },

    async revokeGrantsTo({ userId, limit }) {
      const given = [...tables.grants].filter(([, grants]) => grants.has(userId)).slice(0, limit);
      for (const [fileId, grants] of given) {
        const kept = new Map(grants);
        kept.delete(userId);
        tables.grants.set(fileId, kept);
        appendAudit(tables, "system", "file.revoked", fileId, JSON.stringify({ userId }));
      }
      return given.length;
    },

    async listDeletedAccounts({ after, limit }) {
      const compare = (one: DeletedAccount, other: DeletedAccount) =>
        one.deletedAtMs - other.deletedAtMs || (one.principalId < other.principalId ? -1 : 1);
      return [...deleted.values()]
        .filter(({ principalId }) => !erased.has(principalId) && principalId !== after?.principalId)
        .filter((account) => !after || compare(account, after) > 0)
        .sort(compare)
        .slice(0, limit);
    },

    async listSealedFiles({ ownerId, limit }) {
      return [...files.values()]
        .filter(({ record }) => record.ownerId === ownerId && record.state === "sealed")
        .slice(0, limit)
        .map((row) => fileOf(tables, row));
    },

    async eraseUploads({ ownerId, uploadIds }) {
      for (const id of uploadIds) {
        const row = uploads.get(id);
        if (row?.record.ownerId !== ownerId || !endedUploadStates.has(row.record.state)) continue;
        const { ref, rejection, ...record } = row.record;
        if (ref !== undefined) refs.delete(pairKey(ownerId, ref));
        events.delete(id);
        uploads.set(id, {
          ...row,
          record: {
            ...record,
            name: "",
            metadata: {},
            ...(rejection ? { rejection: { code: rejection.code, detail: "" } } : {}),
          },
        });
      }
    },

    async forgetAccount(principalId) {
      if (!deleted.has(principalId) || erased.has(principalId)) return;
      erased.add(principalId);
      forgetKeysOf(tables, principalId);
      appendAudit(tables, "system", "principal.erased", principalId);
    },
  };
}

import { createHash, createHmac } from "node:crypto";
import {
  type DeletedAccount,
  emailKey,
  type FileRecord,
  type Identity,
  type MetadataStore,
  nextSecondMs,
  type SignedOutRecord,
  type TokensValidFrom,
  tokensEndAtMs,
} from "@stowage/core";
import { refPlaceOf } from "../ref-place.ts";
import { type FileRow, fileOf, type PrincipalRow } from "../rows.ts";
import type { SqliteConnection } from "../sqlite-connection.ts";
import { addAuditEvent, type CommandContext, selectFiles } from "./context.ts";
import { deleteDelegationsOf } from "./delegations.ts";
import { declineInvitesTo } from "./file-invites.ts";
import { forgetKeysOf } from "./idempotency-keys.ts";
import { unlistPerson } from "./list-person.ts";

export function signOutEverywhere(
  context: CommandContext,
  { principalId, issuerAheadMs }: Parameters<MetadataStore["signOutEverywhere"]>[0],
): SignedOutRecord | undefined {
  const { connection, clock } = context;
  const person = connection.get<Pick<PrincipalRow, "said_at">>(
    "SELECT said_at FROM principals WHERE id = ?",
    principalId,
  );
  if (!person) return undefined;
  const tokensValidFromMs = tokensEndAtMs({ nowMs: clock.nowMs(), saidAtMs: person.said_at, issuerAheadMs });
  connection.run("UPDATE principals SET tokens_valid_from = ? WHERE id = ?", tokensValidFromMs, principalId);
  deleteDelegationsOf(context, principalId);
  addAuditEvent(context, { principalId }, "principal.signed-out", principalId);
  return { principalId, tokensValidFromMs };
}

export const listSignedOut = ({ connection }: CommandContext, laterThanMs: number): SignedOutRecord[] =>
  connection
    .all<{ id: string; tokens_valid_from: number }>(
      `SELECT id, tokens_valid_from FROM principals INDEXED BY principals_by_tokens_valid_from
       WHERE tokens_valid_from > ?`,
      laterThanMs,
    )
    .map(({ id, tokens_valid_from }) => ({ principalId: id, tokensValidFromMs: tokens_valid_from }));

/** By which an account that was deleted is known again, if somebody comes with a token of before. */
const identityDigest = (
  { identityKey }: CommandContext,
  { issuer, subject }: Pick<Identity, "issuer" | "subject">,
): Buffer => {
  const plain = createHash("sha256").update(JSON.stringify([issuer, subject]));
  return keyedDigest(identityKey, plain.digest());
};

/** Without the key nobody can try who it might have been. */
const keyedDigest = (key: Uint8Array, plain: Uint8Array): Buffer =>
  createHmac("sha256", key).update(plain).digest();

/** Makes digests of those that were kept before there was a key. One transaction; none where there are none. */
export function keyDeletedIdentities(connection: SqliteConnection, key: Uint8Array): void {
  if (!connection.get("SELECT 1 FROM deleted_identities LIMIT 1")) return;
  connection.exec("BEGIN IMMEDIATE");
  const plain = connection.all<{ digest: Uint8Array; deleted_at: number }>(
    "SELECT digest, deleted_at FROM deleted_identities",
  );
  for (const { digest, deleted_at } of plain)
    connection.run(
      "INSERT OR REPLACE INTO deleted_people (digest, deleted_at) VALUES (?, ?)",
      keyedDigest(key, digest),
      deleted_at,
    );
  connection.run("DELETE FROM deleted_identities");
  connection.exec("COMMIT");
}

export function findTokensValidFrom(
  context: CommandContext,
  identity: Pick<Identity, "issuer" | "subject">,
): TokensValidFrom | undefined {
  const { connection } = context;
  const awaited = connection.get<{ id: string }>(
    "SELECT id FROM principals INDEXED BY principals_by_issuer_subject WHERE issuer_subject = ? AND issuer = ?",
    identity.subject,
    identity.issuer,
  );
  if (awaited) return { tokensValidFromMs: Number.MAX_SAFE_INTEGER, isDeleted: true };
  const signedOut = connection.get<{ tokens_valid_from: number | null }>(
    "SELECT tokens_valid_from FROM principals WHERE issuer = ? AND subject = ?",
    identity.issuer,
    identity.subject,
  )?.tokens_valid_from;
  const deletedAt = connection.get<{ deleted_at: number }>(
    "SELECT deleted_at FROM deleted_people WHERE digest = ?",
    identityDigest(context, identity),
  )?.deleted_at;
  const signedOutMs = signedOut ?? undefined;
  if (signedOutMs === undefined && deletedAt === undefined) return undefined;
  const afterDeletionMs = deletedAt === undefined ? 0 : nextSecondMs(deletedAt);
  return (signedOutMs ?? 0) >= afterDeletionMs
    ? { tokensValidFromMs: signedOutMs ?? 0, isDeleted: false }
    : { tokensValidFromMs: afterDeletionMs, isDeleted: true };
}

export function deleteAccount(
  context: CommandContext,
  { principalId, ownIssuer, issuerAheadMs }: Parameters<MetadataStore["deleteAccount"]>[0],
): SignedOutRecord | undefined {
  const { connection, clock } = context;
  const person = connection.get<
    Pick<PrincipalRow, "id" | "issuer" | "subject" | "listed" | "email" | "email_verified" | "said_at">
  >(
    "SELECT id, issuer, subject, listed, email, email_verified, said_at FROM principals WHERE id = ? AND deleted_at IS NULL",
    principalId,
  );
  if (!person) return undefined;
  const nowMs = clock.nowMs();
  const tokensValidFromMs = tokensEndAtMs({ nowMs, saidAtMs: person.said_at, issuerAheadMs });
  // Of which organisation they were stays, as an id: what is left to be written into the audit belongs to its chain.
  connection.run(
    `UPDATE principals SET subject = 'deleted:' || id, email = NULL, email_verified = 0, name = NULL, chosen_name = NULL, organisation = NULL, tokens_valid_from = ?,
       deleted_at = ?, issuer_subject = ? WHERE id = ?`,
    tokensValidFromMs,
    nowMs,
    person.issuer === ownIssuer ? person.subject : null,
    principalId,
  );
  unlistPerson(context, person);
  connection.run(
    "INSERT OR REPLACE INTO deleted_people (digest, deleted_at) VALUES (?, ?)",
    identityDigest(context, person),
    // What was issued until then is older than the second after it.
    tokensValidFromMs - 1,
  );
  connection.run("UPDATE album_members SET name = NULL WHERE user_id = ? AND name IS NOT NULL", principalId);
  connection.run(
    "UPDATE file_grants SET invited_as = NULL WHERE user_id = ? AND invited_as IS NOT NULL",
    principalId,
  );
  // Of an address that they only say is theirs the invites are another's, perhaps.
  if (person.email !== null && person.email_verified === 1)
    declineInvitesTo(context, { emailKey: emailKey(person.email), actor: { principalId } });
  connection.run("DELETE FROM merged_guests WHERE user_id = ?", principalId);
  deleteDelegationsOf(context, principalId);
  forgetKeysOf(context, principalId);
  addAuditEvent(context, { principalId }, "principal.deleted", principalId);
  return { principalId, tokensValidFromMs };
}

export function forgetIssuerAccount({ connection }: CommandContext, principalId: string): void {
  connection.run("UPDATE principals SET issuer_subject = NULL WHERE id = ?", principalId);
}

export const listDeletedAccounts = (
  { connection }: CommandContext,
  { after, limit }: Parameters<MetadataStore["listDeletedAccounts"]>[0],
): DeletedAccount[] =>
  connection
    .all<{ id: string; deleted_at: number; issuer: string; issuer_subject: string | null }>(
      `SELECT id, deleted_at, issuer, issuer_subject FROM principals INDEXED BY principals_to_erase
       WHERE deleted_at IS NOT NULL AND (deleted_at, id) > (?, ?) AND erased_at IS NULL ORDER BY deleted_at, id LIMIT ?`,
      after?.deletedAtMs ?? -1,
      after?.principalId ?? "",
      limit,
    )
    .map(({ id, deleted_at, issuer, issuer_subject }) => ({
      principalId: id,
      deletedAtMs: deleted_at,
      ...(issuer_subject === null ? {} : { issuerAccount: { issuer, subject: issuer_subject } }),
    }));

export const listSealedFiles = (
  { connection }: CommandContext,
  { ownerId, limit }: { readonly ownerId: string; readonly limit: number },
): FileRecord[] =>
  connection
    .all<FileRow>(`${selectFiles} WHERE f.owner_id = ? AND f.state = 'sealed' LIMIT ?`, ownerId, limit)
    .map(fileOf);

export function eraseUploads(
  { connection }: CommandContext,
  { ownerId, uploadIds }: { readonly ownerId: string; readonly uploadIds: readonly string[] },
): void {
  const uploads = connection.all<{ id: string; ref: string | null }>(
    `SELECT u.id, u.ref FROM json_each(?) k CROSS JOIN uploads u ON u.id = k.value
     WHERE u.owner_id = ? AND u.state IN ('ready', 'rejected', 'aborted')`,
    JSON.stringify(uploadIds),
    ownerId,
  );
  for (const { id, ref } of uploads) {
    if (ref !== null) {
      const { lead, rest } = refPlaceOf(ownerId, ref);
      connection.run("DELETE FROM upload_refs WHERE lead = ? AND rest = ?", lead, rest);
    }
    connection.run("DELETE FROM upload_events WHERE upload_id = ?", id);
    connection.run(
      `UPDATE uploads SET name = '', metadata = '{}', ref = NULL,
         rejection_detail = CASE WHEN rejection_code IS NULL THEN NULL ELSE '' END WHERE id = ?`,
      id,
    );
  }
}

export function forgetAccount(context: CommandContext, principalId: string): void {
  const changed = context.connection.run(
    "UPDATE principals SET erased_at = ? WHERE id = ? AND deleted_at IS NOT NULL AND erased_at IS NULL",
    context.clock.nowMs(),
    principalId,
  );
  if (changed === 0) return;
  forgetKeysOf(context, principalId);
  addAuditEvent(context, "system", "principal.erased", principalId);
}

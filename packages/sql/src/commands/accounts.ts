import { createHash } from "node:crypto";
import {
  type DeletedAccount,
  type FileRecord,
  type Identity,
  type MetadataStore,
  nextSecondMs,
  type SignedOutRecord,
  type TokensValidFrom,
} from "@stowage/core";
import { refPlaceOf } from "../ref-place.ts";
import { type FileRow, fileOf, type PrincipalRow } from "../rows.ts";
import { addAuditEvent, type CommandContext, selectFiles } from "./context.ts";
import { unlistPerson } from "./list-person.ts";

export function signOutEverywhere(context: CommandContext, principalId: string): SignedOutRecord | undefined {
  const tokensValidFromMs = nextSecondMs(context.clock.nowMs());
  const changed = context.connection.run(
    "UPDATE principals SET tokens_valid_from = ? WHERE id = ?",
    tokensValidFromMs,
    principalId,
  );
  if (changed === 0) return undefined;
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
const identityDigest = ({ issuer, subject }: Pick<Identity, "issuer" | "subject">): Buffer =>
  createHash("sha256")
    .update(JSON.stringify([issuer, subject]))
    .digest();

export function findTokensValidFrom(
  { connection }: CommandContext,
  identity: Pick<Identity, "issuer" | "subject">,
): TokensValidFrom | undefined {
  const signedOut = connection.get<{ tokens_valid_from: number | null }>(
    "SELECT tokens_valid_from FROM principals WHERE issuer = ? AND subject = ?",
    identity.issuer,
    identity.subject,
  )?.tokens_valid_from;
  const deletedAt = connection.get<{ deleted_at: number }>(
    "SELECT deleted_at FROM deleted_identities WHERE digest = ?",
    identityDigest(identity),
  )?.deleted_at;
  const signedOutMs = signedOut ?? undefined;
  if (signedOutMs === undefined && deletedAt === undefined) return undefined;
  const afterDeletionMs = deletedAt === undefined ? 0 : nextSecondMs(deletedAt);
  return (signedOutMs ?? 0) >= afterDeletionMs
    ? { tokensValidFromMs: signedOutMs ?? 0, isDeleted: false }
    : { tokensValidFromMs: afterDeletionMs, isDeleted: true };
}

export function deleteAccount(context: CommandContext, principalId: string): boolean {
  const { connection, clock } = context;
  const person = connection.get<Pick<PrincipalRow, "id" | "issuer" | "subject" | "listed">>(
    "SELECT id, issuer, subject, listed FROM principals WHERE id = ? AND deleted_at IS NULL",
    principalId,
  );
  if (!person) return false;
  const nowMs = clock.nowMs();
  // Of which organisation they were stays, as an id: what is left to be written into the audit belongs to its chain.
  connection.run(
    `UPDATE principals SET subject = 'deleted:' || id, email = NULL, email_verified = 0, name = NULL, organisation = NULL, tokens_valid_from = ?,
       deleted_at = ? WHERE id = ?`,
    nextSecondMs(nowMs),
    nowMs,
    principalId,
  );
  unlistPerson(context, person);
  connection.run(
    "INSERT OR REPLACE INTO deleted_identities (digest, deleted_at) VALUES (?, ?)",
    identityDigest(person),
    nowMs,
  );
  addAuditEvent(context, { principalId }, "principal.deleted", principalId);
  return true;
}

export const listDeletedAccounts = (
  { connection }: CommandContext,
  { after, limit }: Parameters<MetadataStore["listDeletedAccounts"]>[0],
): DeletedAccount[] =>
  connection
    .all<{ id: string; deleted_at: number }>(
      `SELECT id, deleted_at FROM principals INDEXED BY principals_to_erase
       WHERE deleted_at IS NOT NULL AND (deleted_at, id) > (?, ?) AND erased_at IS NULL ORDER BY deleted_at, id LIMIT ?`,
      after?.deletedAtMs ?? -1,
      after?.principalId ?? "",
      limit,
    )
    .map(({ id, deleted_at }) => ({ principalId: id, deletedAtMs: deleted_at }));

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
  if (changed === 1) addAuditEvent(context, "system", "principal.erased", principalId);
}

import { type Identity, nextSecondMs, type SignedOutRecord } from "@stowage/core";
import { addAuditEvent, type CommandContext } from "./context.ts";

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

export const findTokensValidFrom = (
  { connection }: CommandContext,
  { issuer, subject }: Pick<Identity, "issuer" | "subject">,
): number | undefined =>
  connection.get<{ tokens_valid_from: number | null }>(
    "SELECT tokens_valid_from FROM principals WHERE issuer = ? AND subject = ?",
    issuer,
    subject,
  )?.tokens_valid_from ?? undefined;

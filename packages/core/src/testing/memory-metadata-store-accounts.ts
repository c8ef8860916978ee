import { type AccountCommands, nextSecondMs } from "../ports/account-commands.ts";
import { appendAudit, type MemoryTables } from "./memory-metadata-store-tables.ts";

/** What people do with their account. */
export function memoryAccountCommands(tables: MemoryTables): AccountCommands {
  const { clock, principals } = tables;
  return {
    async signOutEverywhere(principalId) {
      const principal = principals.get(principalId);
      if (!principal) return undefined;
      const tokensValidFromMs = nextSecondMs(clock.nowMs());
      principals.set(principalId, { ...principal, tokensValidFromMs });
      appendAudit(tables, { principalId }, "principal.signed-out", principalId);
      return { principalId, tokensValidFromMs };
    },

    async listSignedOut(laterThanMs) {
      return [...principals.values()].flatMap(({ id, tokensValidFromMs = 0 }) =>
        tokensValidFromMs > laterThanMs ? [{ principalId: id, tokensValidFromMs }] : [],
      );
    },

    async findTokensValidFrom({ issuer, subject }) {
      return [...principals.values()].find((each) => each.issuer === issuer && each.subject === subject)
        ?.tokensValidFromMs;
    },
  };
}

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import type { MetadataStore } from "@stowage/core";
import { createSqliteMetadataStore, DatabaseTooNewError, DatabaseTooOldError } from "@stowage/sql";
import { CommandError } from "../../cli/command.ts";
import { databaseFile } from "../data-directory-places.ts";

/** What the built-in issuer says in an access token: as much as the API believes when the token is used. */
interface TokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly jti: string;
  readonly scope: string;
  readonly exp: number;
  readonly email: string;
  readonly email_verified: boolean;
  readonly name?: string;
  readonly org?: string;
}

/**
 * Writes down in the audit that a token was made in somebody's name. The reason, which is free text, is in the issuer's log under the token's id.
 *
 * @param token an access token as the built-in issuer signs it
 * @throws CommandError where it can't be: nobody is to get the token then
 */
export async function recordToken(
  dataDir: string,
  token: string,
  { isBreakGlass }: { readonly isBreakGlass: boolean },
): Promise<void> {
  const [, payload = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as TokenClaims;
  const file = databaseFile(dataDir);
  try {
    // One that is there is its server's to bring up to date.
    const metadata = await createSqliteMetadataStore({ file, migrates: !existsSync(file) });
    try {
      const targetId = await principalIdOf(metadata, claims);
      const detail = JSON.stringify({
        tokenId: claims.jti,
        scope: claims.scope,
        endsAt: claims.exp * 1000,
        ...(isBreakGlass ? { isBreakGlass } : {}),
      });
      await metadata.addAuditEvents([
        { actor: "system", action: "principal.token-minted", targetId, detail },
      ]);
    } finally {
      await metadata.close();
    }
  } catch (cause) {
    const why =
      cause instanceof DatabaseTooNewError || cause instanceof DatabaseTooOldError ? ` ${cause.message}` : "";
    throw new CommandError(`The token can't be written down in the audit, so there is none.${why}`, 1, {
      cause,
    });
  }
}

/** Of the row that the token's first use would find or make. Who deleted their account here gets none again: their account's id stands for them. */
async function principalIdOf(
  metadata: Pick<MetadataStore, "ensurePrincipal" | "findTokensValidFrom">,
  { iss: issuer, sub: subject, email, email_verified: emailVerified, name, org }: TokenClaims,
): Promise<string> {
  if ((await metadata.findTokensValidFrom({ issuer, subject }))?.isDeleted) return subject;
  const { id } = await metadata.ensurePrincipal({
    issuer,
    subject,
    email,
    ...(emailVerified ? { emailVerified } : {}),
    ...(name === undefined ? {} : { name }),
    ...(org === undefined ? {} : { organisation: org }),
    newId: randomUUID(),
  });
  return id;
}

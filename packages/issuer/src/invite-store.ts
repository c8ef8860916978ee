import { createHash } from "node:crypto";
import type { EmailAddress } from "./email-address.ts";
import type { IssuerDatabase } from "./issuer-database.ts";

export interface StoredInvite {
  /** The only address that it is good for. */
  readonly address?: EmailAddress;
  readonly organisation?: string;
  readonly operator: boolean;
}

/** Invites, found by the hash of their token. */
export interface InviteStore {
  /** One that is neither used nor expired. */
  find(token: string, nowSeconds: number): StoredInvite | undefined;
  /** Within `write`. Older ones for the same address end, and expired ones are swept. */
  insert(
    token: string,
    invite: StoredInvite,
    times: { readonly madeAt: string; readonly nowSeconds: number; readonly expiresAtSeconds: number },
  ): void;
  /** Within `write`. False if it was used already, or has expired. */
  use(token: string, nowSeconds: number): boolean;
}

export function createInviteStore({ connection, read }: IssuerDatabase): InviteStore {
  const find = connection.prepare(
    "SELECT email, email_key, organisation, operator FROM invites WHERE token_hash = ? AND expires_at > ?",
  );
  const insert = connection.prepare(
    `INSERT INTO invites (token_hash, email, email_key, organisation, operator, made_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const use = connection.prepare("DELETE FROM invites WHERE token_hash = ? AND expires_at > ?");
  const sweep = connection.prepare("DELETE FROM invites WHERE expires_at <= ? OR email_key = ?");

  return {
    find: (token, nowSeconds) => {
      const row = read(() => find.get(hashOf(token), nowSeconds));
      if (row === undefined) return undefined;
      const { email, email_key: key, organisation, operator } = row;
      return {
        ...(typeof email === "string" && typeof key === "string" && { address: { email, key } }),
        ...(typeof organisation === "string" && { organisation }),
        operator: operator === 1,
      };
    },
    insert: (token, { address, organisation, operator }, { madeAt, nowSeconds, expiresAtSeconds }) => {
      sweep.run(nowSeconds, address?.key ?? null);
      insert.run(
        hashOf(token),
        address?.email ?? null,
        address?.key ?? null,
        organisation ?? null,
        operator ? 1 : 0,
        madeAt,
        expiresAtSeconds,
      );
    },
    use: (token, nowSeconds) => use.run(hashOf(token), nowSeconds).changes === 1,
  };
}

const hashOf = (token: string): Uint8Array => createHash("sha256").update(token).digest();

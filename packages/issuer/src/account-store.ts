import type { Account } from "./account.ts";
import { type EmailAddress, emailKeyOf } from "./email-address.ts";
import { UnknownAccountError } from "./errors.ts";
import type { IssuerDatabase } from "./issuer-database.ts";
import { quoteForMessage } from "./quote-for-message.ts";

/** An account with what of it never leaves this package. */
export interface StoredAccount {
  readonly account: Account;
  readonly emailVerified: boolean;
  readonly passwordHash?: string;
  /** Seconds since 1970: who signed in then or before is signed in no more. */
  readonly sessionsEndedAt: number;
}

export interface TokenMint {
  readonly tokenId: string;
  readonly accountId: string;
  readonly mintedAt: string;
  readonly expiresAt: string;
  readonly issuer: string;
  readonly audience: string;
  readonly scope: string;
  readonly reason?: string;
}

/** The statements, prepared once. Those that write belong into `IssuerDatabase.write`. */
export interface AccountStore {
  list(): Account[];
  find(email: string): StoredAccount | undefined;
  /** @throws {UnknownAccountError} */
  get(email: string): StoredAccount;
  findById(accountId: string): StoredAccount | undefined;
  /** False if the address has an account already. */
  insert(stored: Omit<StoredAccount, "sessionsEndedAt">, address: EmailAddress): boolean;
  /** Sets a password and ends what was signed in by the old one: `sessionsEndedAt` moves on, by a second at least. */
  replacePassword(accountId: string, passwordHash: string, nowSeconds: number): void;
  /** Ends what was signed in: `sessionsEndedAt` moves on, by a second at least. Nothing where there is no such account. */
  endSessions(accountId: string, nowSeconds: number): void;
  /** With all that is kept of it but the mints of tokens, which name nobody. Nothing where there is no such account. */
  remove(accountId: string): void;
  /** Sets it where it is not set yet. */
  setSignedInAt(accountId: string, signedInAt: string): void;
  appendTokenMint(mint: TokenMint): void;
}

/** A row of the table, which is STRICT: the types are those of its columns. */
interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly email_verified: number;
  readonly name: string | null;
  readonly organisation: string | null;
  readonly operator: number;
  readonly password_hash: string | null;
  readonly created_at: string;
  readonly signed_in_at: string | null;
  readonly sessions_ended_at: number;
}

export function createAccountStore({ connection, read }: IssuerDatabase): AccountStore {
  const list = connection.prepare("SELECT * FROM accounts ORDER BY sequence");
  const findByKey = connection.prepare("SELECT * FROM accounts WHERE email_key = ?");
  const findById = connection.prepare("SELECT * FROM accounts WHERE id = ?");
  const insert = connection.prepare(
    `INSERT INTO accounts
       (id, email, email_key, email_verified, name, organisation, operator, password_hash, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email_key) DO NOTHING`,
  );
  const updatePassword = connection.prepare(
    `UPDATE accounts SET password_hash = ?, sessions_ended_at = max(?, sessions_ended_at + 1) WHERE id = ?`,
  );
  const endSessions = connection.prepare(
    "UPDATE accounts SET sessions_ended_at = max(?, sessions_ended_at + 1) WHERE id = ?",
  );
  const remove = connection.prepare("DELETE FROM accounts WHERE id = ?");
  const forgetBrowsers = connection.prepare("DELETE FROM known_browsers WHERE account_id = ?");
  const deleteRecords = connection.prepare("DELETE FROM protocol_records WHERE account_id = ?");
  const setSignedInAt = connection.prepare(
    "UPDATE accounts SET signed_in_at = ? WHERE id = ? AND signed_in_at IS NULL",
  );
  const appendTokenMint = connection.prepare(
    `INSERT INTO token_mints
       (token_id, account_id, minted_at, expires_at, issuer, audience, scope, reason)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  const find = (email: string): StoredAccount | undefined => {
    const key = emailKeyOf(email);
    if (key === undefined) return undefined;
    const row = read(() => findByKey.get(key)) as unknown as AccountRow | undefined;
    return row && fromRow(row);
  };

  return {
    list: () => read(() => list.all()).map((row) => fromRow(row as unknown as AccountRow).account),
    find,
    get: (email) => {
      const stored = find(email);
      if (stored === undefined)
        throw new UnknownAccountError(`There is no account for ${quoteForMessage(email)}.`);
      return stored;
    },
    findById: (accountId) => {
      const row = read(() => findById.get(accountId)) as unknown as AccountRow | undefined;
      return row && fromRow(row);
    },
    insert: ({ account, emailVerified, passwordHash }, address) =>
      insert.run(
        account.id,
        address.email,
        address.key,
        emailVerified ? 1 : 0,
        account.name ?? null,
        account.organisation ?? null,
        account.operator ? 1 : 0,
        passwordHash ?? null,
        account.createdAt,
      ).changes === 1,
    replacePassword: (accountId, passwordHash, nowSeconds) => {
      updatePassword.run(passwordHash, nowSeconds, accountId);
      deleteRecords.run(accountId);
    },
    endSessions: (accountId, nowSeconds) => {
      endSessions.run(nowSeconds, accountId);
      deleteRecords.run(accountId);
    },
    remove: (accountId) => {
      remove.run(accountId);
      deleteRecords.run(accountId);
      forgetBrowsers.run(accountId);
    },
    setSignedInAt: (accountId, signedInAt) => {
      setSignedInAt.run(signedInAt, accountId);
    },
    appendTokenMint: (mint) => {
      appendTokenMint.run(
        mint.tokenId,
        mint.accountId,
        mint.mintedAt,
        mint.expiresAt,
        mint.issuer,
        mint.audience,
        mint.scope,
        mint.reason ?? null,
      );
    },
  };
}

function fromRow(row: AccountRow): StoredAccount {
  return {
    account: {
      id: row.id,
      email: row.email,
      ...(row.name !== null && { name: row.name }),
      ...(row.organisation !== null && { organisation: row.organisation }),
      operator: row.operator === 1,
      createdAt: row.created_at,
      ...(row.signed_in_at !== null && { signedInAt: row.signed_in_at }),
    },
    emailVerified: row.email_verified === 1,
    ...(row.password_hash !== null && { passwordHash: row.password_hash }),
    sessionsEndedAt: row.sessions_ended_at,
  };
}

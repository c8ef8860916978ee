import type { DatabaseSync } from "node:sqlite";
import { IssuerDirectoryError } from "./errors.ts";

/** What brings a database from version n (the index) to n + 1. Released ones are never edited. */
const migrations: readonly string[] = [
  `CREATE TABLE accounts (
     sequence INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     email TEXT NOT NULL,
     email_key TEXT NOT NULL UNIQUE,
     email_verified INTEGER NOT NULL CHECK (email_verified IN (0, 1)),
     name TEXT,
     organisation TEXT,
     operator INTEGER NOT NULL CHECK (operator IN (0, 1)),
     password_hash TEXT,
     created_at TEXT NOT NULL,
     signed_in_at TEXT
   ) STRICT;

   -- Names no person: what is written here can never be taken away again.
   CREATE TABLE token_mints (
     sequence INTEGER PRIMARY KEY,
     token_id TEXT NOT NULL UNIQUE,
     account_id TEXT NOT NULL,
     minted_at TEXT NOT NULL,
     expires_at TEXT NOT NULL,
     issuer TEXT NOT NULL,
     audience TEXT NOT NULL,
     scope TEXT NOT NULL,
     reason TEXT
   ) STRICT;
   CREATE TRIGGER token_mints_are_not_changed BEFORE UPDATE ON token_mints
     BEGIN SELECT RAISE(ABORT, 'token_mints is append-only'); END;
   CREATE TRIGGER token_mints_are_not_deleted BEFORE DELETE ON token_mints
     BEGIN SELECT RAISE(ABORT, 'token_mints is append-only'); END;`,

  `-- Seconds since 1970. Who signed in at this second or before is signed in no more.
   ALTER TABLE accounts ADD COLUMN sessions_ended_at INTEGER NOT NULL DEFAULT 0;

   -- Sessions, interactions, grants, codes and refresh tokens, as the protocol's library gives them to keep. Found by
   -- the hash of what the browser or client holds, which is not in here: a stolen copy lets nobody in.
   CREATE TABLE protocol_records (
     sequence INTEGER PRIMARY KEY,
     model TEXT NOT NULL,
     id_hash BLOB NOT NULL,
     payload TEXT NOT NULL,
     saved_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     account_id TEXT,
     -- When the person whose record it is signed in, in seconds.
     authenticated_at INTEGER,
     grant_id TEXT,
     uid TEXT,
     -- The first use of what may be used once, in milliseconds.
     used_at INTEGER,
     UNIQUE (model, id_hash)
   ) STRICT;
   CREATE INDEX protocol_records_by_expiry ON protocol_records (expires_at);
   CREATE INDEX protocol_records_by_grant ON protocol_records (grant_id) WHERE grant_id IS NOT NULL;
   CREATE INDEX protocol_records_by_account ON protocol_records (account_id) WHERE account_id IS NOT NULL;
   CREATE INDEX protocol_records_by_uid ON protocol_records (uid) WHERE uid IS NOT NULL;`,

  `-- Links by which somebody makes their own account, once. Found by the hash of what stands in the link.
   CREATE TABLE invites (
     sequence INTEGER PRIMARY KEY,
     token_hash BLOB NOT NULL UNIQUE,
     -- The only address that it is good for.
     email TEXT,
     email_key TEXT,
     organisation TEXT,
     operator INTEGER NOT NULL CHECK (operator IN (0, 1)),
     made_at TEXT NOT NULL,
     -- Seconds since 1970.
     expires_at INTEGER NOT NULL
   ) STRICT;

   -- How often something was tried, by the hash of what is counted. Times in milliseconds.
   CREATE TABLE tries (
     key BLOB PRIMARY KEY,
     count INTEGER NOT NULL,
     last_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX tries_by_expiry ON tries (expires_at);

   -- Which browsers have signed in to an account before. Times in milliseconds.
   CREATE TABLE known_browsers (
     browser_hash BLOB NOT NULL,
     account_id TEXT NOT NULL,
     expires_at INTEGER NOT NULL,
     PRIMARY KEY (browser_hash, account_id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX known_browsers_by_expiry ON known_browsers (expires_at);`,
];

export const newestVersion = migrations.length;

/**
 * Brings a database to the newest version, all steps in one transaction.
 *
 * @throws {IssuerDirectoryError} if a newer Stowage has made it
 */
export function migrate(database: DatabaseSync, path: string): void {
  if (versionOf(database, path) === migrations.length) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Again, now that no other process can be at it.
    for (const statements of migrations.slice(versionOf(database, path))) database.exec(statements);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function versionOf(database: DatabaseSync, path: string): number {
  const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
  if (version > migrations.length)
    throw new IssuerDirectoryError(
      `${path} has version ${version}, and this Stowage knows no more than ${migrations.length}: a newer one made it.`,
      path,
    );
  return version;
}

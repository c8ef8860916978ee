import { reindexFiles } from "./commands/reindex-files.ts";
import { initial } from "./migrations/0001-initial.ts";
import { multipart } from "./migrations/0002-multipart.ts";
import { fileListIndexes, fileLists } from "./migrations/0003-file-lists.ts";
import { keysByTime } from "./migrations/0004-keys-by-time.ts";
import { oneListOfUploads } from "./migrations/0005-one-list-of-uploads.ts";
import { documents } from "./migrations/0006-documents.ts";
import { versions } from "./migrations/0007-versions.ts";
import { refsByTime } from "./migrations/0008-refs-by-time.ts";
import { factsBesideFiles } from "./migrations/0009-facts-beside-files.ts";
import { contentFacts } from "./migrations/0010-content-facts.ts";
import { quarantine, quarantineIndexes } from "./migrations/0011-quarantine.ts";
import { derivativesOnDemand } from "./migrations/0012-derivatives-on-demand.ts";
import { turns } from "./migrations/0013-turns.ts";
import { lostClaims } from "./migrations/0014-lost-claims.ts";
import { sharing } from "./migrations/0015-sharing.ts";
import { capabilities } from "./migrations/0016-capabilities.ts";
import { albums } from "./migrations/0017-albums.ts";
import { auditChain } from "./migrations/0018-audit-chain.ts";
import { makeOrganisations, quotas } from "./migrations/0019-quotas.ts";
import { archives } from "./migrations/0020-archives.ts";
import { unchainedAuditEvents } from "./migrations/0021-unchained-audit-events.ts";
import { endedGrants } from "./migrations/0022-ended-grants.ts";
import { sealedAuditEvents } from "./migrations/0023-sealed-audit-events.ts";
import { accounts } from "./migrations/0024-accounts.ts";
import { formerOrganisations } from "./migrations/0025-former-organisations.ts";
import { archiveEntries } from "./migrations/0026-archive-entries.ts";
import { invitedGrants } from "./migrations/0027-invited-grants.ts";
import { profiles } from "./migrations/0028-profiles.ts";
import { guests } from "./migrations/0029-guests.ts";
import { shownToOrganisations } from "./migrations/0030-shown-to-organisations.ts";
import { hashedSeals } from "./migrations/0031-hashed-seals.ts";
import { ownedAlbums } from "./migrations/0032-owned-albums.ts";
import { delegations } from "./migrations/0033-delegations.ts";
import { claimsIssuedAt } from "./migrations/0036-claims-issued-at.ts";
import { isBusy, type SqliteConnection } from "./sqlite-connection.ts";

interface Migration {
  readonly sql: string;
  /** What SQL alone can't do, right after it. */
  readonly fill?: (connection: SqliteConnection) => void;
  /** What lists go by is made anew of every file, once the schema is up to date: all of it, as the code of now reads it. */
  readonly reindexes?: true;
  /** What is run after that. */
  readonly afterwards?: string;
}

/** In order; the database's `user_version` counts those applied. One that was released is never changed. */
const migrations: readonly Migration[] = [
  { sql: initial },
  { sql: multipart },
  { sql: fileLists, reindexes: true, afterwards: fileListIndexes },
  { sql: keysByTime },
  { sql: oneListOfUploads },
  { sql: documents },
  { sql: versions },
  { sql: refsByTime },
  { sql: factsBesideFiles },
  { sql: contentFacts },
  { sql: quarantine, afterwards: quarantineIndexes },
  { sql: derivativesOnDemand },
  { sql: turns },
  { sql: lostClaims },
  { sql: sharing },
  { sql: capabilities },
  { sql: albums },
  { sql: auditChain },
  { sql: quotas, fill: makeOrganisations },
  { sql: archives },
  { sql: unchainedAuditEvents },
  { sql: endedGrants },
  { sql: sealedAuditEvents },
  { sql: accounts },
  { sql: formerOrganisations },
  { sql: archiveEntries },
  { sql: invitedGrants },
  { sql: profiles },
  { sql: guests },
  { sql: shownToOrganisations },
  { sql: hashedSeals },
  { sql: ownedAlbums },
  { sql: delegations },
  { sql: claimsIssuedAt },
];

/** What `user_version` is once all of them are applied. */
export const knownSchemaVersion: number = migrations.length;

/** The database was written by a newer Stowage, whose data this one might damage. */
export class DatabaseTooNewError extends Error {
  override readonly name = "DatabaseTooNewError";
  readonly code = "database-too-new";
}

/** The database was written by an older Stowage, and is not to be changed now. */
export class DatabaseTooOldError extends Error {
  override readonly name = "DatabaseTooOldError";
  readonly code = "database-too-old";
}

/**
 * Leaves the schema as it is.
 *
 * @throws DatabaseTooOldError, DatabaseTooNewError where it is not the one that this Stowage knows
 */
export function assertMigrated(connection: SqliteConnection): void {
  const version = versionOf(connection);
  assertNotNewer(version);
  if (version < migrations.length)
    throw new DatabaseTooOldError(
      `The database has schema version ${version}, and this Stowage works with ${migrations.length}: start its server, which brings it up to date, then try again. Back up first.`,
    );
}

function assertNotNewer(version: number): void {
  if (version > migrations.length)
    throw new DatabaseTooNewError(
      `The database has schema version ${version}; this Stowage knows ${migrations.length}: use a newer one.`,
    );
}

/** How long a process waits for another that brings the database up to date: a minute or two for millions of files. */
const migratingTimeoutMs = 15 * 60_000;

/**
 * Brings the schema up to date, in one transaction. Of two processes that open a database at once the second waits
 * for the first and finds the work done.
 *
 * @param toVersion of the schema; lower than known only for a database of before that has no files
 * @throws DatabaseTooNewError
 */
export function migrate(connection: SqliteConnection, toVersion: number = migrations.length): void {
  begin(connection);
  try {
    const version = versionOf(connection);
    assertNotNewer(version);
    const missing = migrations.slice(version, toVersion);
    for (const { sql, fill } of missing) {
      connection.exec(sql);
      fill?.(connection);
    }
    if (toVersion === migrations.length && missing.some(({ reindexes }) => reindexes))
      reindexFiles(connection);
    for (const { afterwards } of missing) if (afterwards) connection.exec(afterwards);
    if (missing.length > 0) connection.exec(`PRAGMA user_version = ${toVersion}`);
    connection.exec("COMMIT");
  } catch (error) {
    if (connection.inTransaction()) connection.exec("ROLLBACK");
    throw error;
  }
}

const versionOf = (connection: SqliteConnection): number =>
  connection.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;

/** Waits for the lock as long as the connection does, and on while whoever has it may be migrating. */
function begin(connection: SqliteConnection): void {
  const giveUpAtMs = performance.now() + migratingTimeoutMs;
  for (;;) {
    try {
      connection.exec("BEGIN IMMEDIATE");
      return;
    } catch (error) {
      const isOld = versionOf(connection) < migrations.length;
      if (!isBusy(error) || !isOld || performance.now() > giveUpAtMs) throw error;
    }
  }
}

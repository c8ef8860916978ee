/**
 * `told_at`: when a person's issuer last said all that it knows of them, within an hour; what it said before that may be believed no longer where it can't
 * be asked.
 *
 * `issuer_subject`: what a deleted account is called at the issuer that runs here, until it is removed there. `deleted_people` has digests of issuer
 * and subject that are made with a key of the data directory; those of before, which lack it, are in `deleted_identities` until a process that has
 * the key opens the database.
 */
export const accounts = `
ALTER TABLE principals ADD COLUMN told_at INTEGER NOT NULL DEFAULT 0;
UPDATE principals SET told_at = unixepoch() * 1000;
ALTER TABLE principals ADD COLUMN issuer_subject TEXT;
CREATE INDEX principals_by_issuer_subject ON principals (issuer_subject, issuer) WHERE issuer_subject IS NOT NULL;
CREATE TABLE deleted_people (digest BLOB PRIMARY KEY, deleted_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX file_grants_by_user ON file_grants (user_id, file_id);
UPDATE album_members SET name = NULL WHERE user_id IN (SELECT id FROM principals WHERE deleted_at IS NOT NULL);
DELETE FROM idempotency_keys WHERE principal_id IN (SELECT id FROM principals WHERE deleted_at IS NOT NULL);
UPDATE principals SET erased_at = NULL WHERE deleted_at IS NOT NULL;
`;

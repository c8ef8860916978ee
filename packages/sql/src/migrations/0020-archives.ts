/**
 * `tokens_valid_from`: what was issued to a person before is refused, since they signed out everywhere.
 *
 * `deleted_at`: they deleted their account; what is theirs is deleted until `erased_at`. `deleted_identities` has the SHA-256 of issuer and subject of
 * those, and nothing that they could be told by.
 *
 * An archive waits (`claim_held`: it is in a worker's hands; `lease_until`: when it may be claimed), until it is ready, stale or failed. `begun`: how
 * many parts the newest attempt has begun; `store_upload_id`: of the last of them. `request`, `parts` and `left_out` are JSON.
 */
export const archives = `
ALTER TABLE principals ADD COLUMN tokens_valid_from INTEGER;
ALTER TABLE principals ADD COLUMN deleted_at INTEGER;
ALTER TABLE principals ADD COLUMN erased_at INTEGER;
CREATE INDEX principals_to_erase ON principals (deleted_at) WHERE deleted_at IS NOT NULL AND erased_at IS NULL;
CREATE TABLE deleted_identities (digest BLOB PRIMARY KEY, deleted_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX files_sealed ON files (owner_id) WHERE state = 'sealed';
CREATE INDEX principals_by_tokens_valid_from ON principals (tokens_valid_from) WHERE tokens_valid_from IS NOT NULL;

CREATE TABLE archives (
  id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, request TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'stale', 'failed')),
  created_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, key_prefix TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0, failed_attempts INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER NOT NULL, claim_held INTEGER NOT NULL DEFAULT 0, turn INTEGER NOT NULL,
  begun INTEGER NOT NULL DEFAULT 0, store_upload_id TEXT,
  parts TEXT NOT NULL DEFAULT '[]', left_out TEXT NOT NULL DEFAULT '[]', failure_code TEXT, failure_detail TEXT
) STRICT;
CREATE INDEX archives_by_owner ON archives (owner_id);
CREATE INDEX archives_live ON archives (owner_id) WHERE state IN ('waiting', 'ready');
CREATE INDEX archives_turns ON archives (turn, lease_until) WHERE state = 'waiting';
CREATE INDEX archives_turns_of_owner ON archives (owner_id, turn) WHERE state = 'waiting';
CREATE INDEX archives_ready ON archives (id) WHERE state = 'ready';
CREATE INDEX archives_by_end ON archives (ends_at);
CREATE INDEX archives_by_key_prefix ON archives (key_prefix);
CREATE INDEX archives_by_store_upload_id ON archives (store_upload_id) WHERE store_upload_id IS NOT NULL;
INSERT INTO queue_turns (queue, turn) VALUES ('archives', 0);
`;

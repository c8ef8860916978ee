/**
 * What Stowage signs itself: rights that a row bounds and can take back (`link_id` or `album_id` says to what), and the links that give them
 * out. Of a link's token only its SHA-256 is kept. `tries` counts wrong passphrases since `tries_since`.
 */
export const capabilities = `
CREATE TABLE capabilities (
  id TEXT PRIMARY KEY, principal_id TEXT NOT NULL, link_id TEXT, album_id TEXT, scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL, ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX capabilities_by_principal ON capabilities (principal_id);
CREATE INDEX capabilities_ending ON capabilities (ends_at);

CREATE TABLE links (
  id TEXT PRIMARY KEY, target_kind TEXT NOT NULL, target_id TEXT NOT NULL, created_by TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE,
  passphrase_hash TEXT, created_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, max_opens INTEGER,
  opens INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, tries_since INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_target ON links (target_kind, target_id, created_at DESC, id DESC);
CREATE INDEX links_by_target_and_end ON links (target_kind, target_id, ends_at);
CREATE INDEX links_ending ON links (ends_at);

CREATE TABLE idempotency_keys (
  principal_id TEXT NOT NULL, key TEXT NOT NULL, request_digest TEXT NOT NULL, resource_id TEXT NOT NULL,
  created_at INTEGER NOT NULL, PRIMARY KEY (principal_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
`;

/** Times are milliseconds since 1970; `metadata` and `derivatives` are JSON. */
export const initial = `
CREATE TABLE principals (
  id TEXT PRIMARY KEY, issuer TEXT NOT NULL, subject TEXT NOT NULL, email TEXT, name TEXT, organisation TEXT,
  used_bytes INTEGER NOT NULL DEFAULT 0 CHECK (used_bytes >= 0),
  reserved_bytes INTEGER NOT NULL DEFAULT 0 CHECK (reserved_bytes >= 0),
  open_uploads INTEGER NOT NULL DEFAULT 0 CHECK (open_uploads >= 0),
  created_at INTEGER NOT NULL, UNIQUE (issuer, subject)
) STRICT, WITHOUT ROWID;

-- lease_until: from when on what is uploaded or verifying may be claimed.
-- claim_held: the newest attempt has neither finished nor given its claim back.
-- Wide rows stay out of the key trees: a row by id and a page of a list cost a third to a half less.
CREATE TABLE uploads (
  id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, ref TEXT, file_id TEXT NOT NULL, state TEXT NOT NULL,
  name TEXT NOT NULL, size_bytes INTEGER NOT NULL, content_type TEXT NOT NULL, sha256 TEXT NOT NULL,
  profile TEXT NOT NULL, metadata TEXT NOT NULL, landing_key TEXT NOT NULL, storage_prefix TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0, failed_attempts INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, urls_until INTEGER NOT NULL,
  lease_until INTEGER, claim_held INTEGER NOT NULL DEFAULT 0, ended_at INTEGER,
  probed_at INTEGER NOT NULL DEFAULT 0, reservation_held INTEGER NOT NULL DEFAULT 1,
  rejection_code TEXT, rejection_detail TEXT
) STRICT;
CREATE INDEX uploads_by_owner ON uploads (owner_id, created_at DESC, id DESC);
CREATE INDEX uploads_by_owner_and_state ON uploads (owner_id, state, created_at DESC, id DESC);
CREATE INDEX uploads_by_landing_key ON uploads (landing_key);
CREATE INDEX uploads_by_storage_prefix ON uploads (storage_prefix);
CREATE INDEX uploads_queue ON uploads (lease_until, id) WHERE state IN ('uploaded', 'verifying');
CREATE INDEX uploads_expiring ON uploads (expires_at, id) WHERE state = 'pending';
CREATE INDEX uploads_unprobed ON uploads (urls_until, id) WHERE state = 'pending' AND probed_at < urls_until;
CREATE INDEX uploads_held ON uploads (urls_until, id) WHERE state = 'aborted' AND reservation_held = 1;

CREATE TABLE upload_refs (
  owner_id TEXT NOT NULL, ref TEXT NOT NULL, upload_id TEXT NOT NULL, PRIMARY KEY (owner_id, ref)
) STRICT, WITHOUT ROWID;

CREATE TABLE upload_events (
  upload_id TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY (upload_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
  id TEXT PRIMARY KEY, owner_id TEXT NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL, metadata TEXT NOT NULL,
  version INTEGER NOT NULL, revision INTEGER NOT NULL, created_at INTEGER NOT NULL, trashed_at INTEGER
) STRICT;
CREATE INDEX files_by_owner ON files (owner_id, state, created_at DESC, id DESC);
CREATE INDEX files_in_trash ON files (trashed_at, id) WHERE state = 'trashed';

CREATE TABLE versions (
  file_id TEXT NOT NULL, version INTEGER NOT NULL, upload_id TEXT NOT NULL, key TEXT NOT NULL,
  size_bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, content_type TEXT NOT NULL, width INTEGER, height INTEGER,
  taken_at INTEGER, thumbhash TEXT, derivatives TEXT NOT NULL, PRIMARY KEY (file_id, version)
) STRICT;

CREATE TABLE doomed_objects (key TEXT PRIMARY KEY, not_before INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX doomed_objects_due ON doomed_objects (not_before, key);

CREATE TABLE audit_events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  target_id TEXT NOT NULL
) STRICT;

-- One row that is written to find out whether the database can be written.
CREATE TABLE health (id INTEGER PRIMARY KEY CHECK (id = 1), checked_at INTEGER NOT NULL) STRICT;
`;

/**
 * Each audit event gets its place in a chain after it was written, off the path of the command that left it: until then
 * `number` is null, and no index but the table has it, so that a create writes no page more. `audit_sequencer` says up to which
 * sequence that was done, and who may do it now.
 */
export const auditChain = `
ALTER TABLE audit_events ADD COLUMN detail TEXT;
ALTER TABLE audit_events ADD COLUMN chain TEXT;
ALTER TABLE audit_events ADD COLUMN number INTEGER;
ALTER TABLE audit_events ADD COLUMN hash BLOB;
CREATE INDEX audit_events_by_target ON audit_events (target_id, sequence) WHERE number IS NOT NULL;
CREATE INDEX audit_events_by_actor ON audit_events (actor, sequence) WHERE number IS NOT NULL;
CREATE TABLE audit_chains (
  chain TEXT PRIMARY KEY, number INTEGER NOT NULL, hash BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE audit_sequencer (
  id INTEGER PRIMARY KEY CHECK (id = 1), sequencer_id TEXT NOT NULL, lease_until INTEGER NOT NULL,
  linked_sequence INTEGER NOT NULL
) STRICT;
INSERT INTO audit_sequencer (id, sequencer_id, lease_until, linked_sequence) VALUES (1, '', 0, 0);
`;

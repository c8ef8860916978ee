/**
 * What waits has a turn, so that owners take theirs (`queueTurn`): `uploads.turn` is given when one is completed, and
 * `derivative_makes.turn` when one is asked for. `queue_turns` has the highest of each queue that was claimed. What waited
 * before has the first turn of all.
 */
export const turns = `
ALTER TABLE uploads ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
CREATE INDEX uploads_turns ON uploads (turn, lease_until, id) WHERE state IN ('uploaded', 'verifying');
CREATE INDEX uploads_turns_of_owner ON uploads (owner_id, turn) WHERE state IN ('uploaded', 'verifying');
ALTER TABLE derivative_makes ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
CREATE INDEX derivative_makes_turns ON derivative_makes (turn, lease_until, file_id, version, name, page)
  WHERE state = 'waiting';
DROP INDEX derivative_makes_waiting;
CREATE INDEX derivative_makes_waiting ON derivative_makes (owner_id, turn) WHERE state = 'waiting';
CREATE TABLE queue_turns (queue TEXT PRIMARY KEY, turn INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO queue_turns (queue, turn) VALUES ('uploads', 0), ('derivatives', 0);
`;

/**
 * When the owner last said something of a person's right to a file that is no more, while invites to that file waited: no older invite
 * gives it back. `said_at`: when it was taken back, or, where it ran out, when it was set.
 */
export const endedGrants = `
CREATE TABLE ended_grants (
  file_id TEXT NOT NULL, user_id TEXT NOT NULL, said_at INTEGER NOT NULL, PRIMARY KEY (file_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_grants_by_time ON ended_grants (said_at);
`;

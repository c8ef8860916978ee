/** Why a file is quarantined, as JSON. */
export const quarantine = `
ALTER TABLE files ADD COLUMN quarantine TEXT;
`;

/**
 * The trash's list has quarantined files too: its index is made anew, after that of `0003-file-lists.ts`. Another leads to
 * them for scanning again. (Few files are in either.)
 */
export const quarantineIndexes = `
DROP INDEX files_by_trashed;
CREATE INDEX files_by_trashed ON files (owner_id, trashed_at DESC, id DESC) WHERE state IN ('trashed', 'quarantined');
CREATE INDEX files_quarantined ON files (id) WHERE state = 'quarantined';
`;

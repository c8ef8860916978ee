/**
 * Uploads in parts. `part_size` is NULL for a single PUT; `store_upload_id` until the first parts are asked for. An
 * empty `sha256` is one that was not declared: the column was NOT NULL, and dropping that would copy every row.
 */
export const multipart = `
ALTER TABLE uploads ADD COLUMN part_size INTEGER;
ALTER TABLE uploads ADD COLUMN store_upload_id TEXT;
CREATE INDEX uploads_by_store_upload_id ON uploads (store_upload_id) WHERE store_upload_id IS NOT NULL;

CREATE TABLE upload_parts (
  upload_id TEXT NOT NULL, part_number INTEGER NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (upload_id, part_number)
) STRICT, WITHOUT ROWID;
`;

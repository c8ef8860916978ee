/** To which address a person's right to a file was offered, for its owner to know them by. `NULL`: they came to it otherwise, or before this. */
export const invitedGrants = `
ALTER TABLE file_grants ADD COLUMN invited_as TEXT;
`;

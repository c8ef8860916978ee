/** Claims that were lost with their worker are counted beside those that failed. */
export const lostClaims = `
ALTER TABLE uploads ADD COLUMN lost_claims INTEGER NOT NULL DEFAULT 0;
`;

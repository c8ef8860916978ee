/** `said_at`: of the newest claims that were believed of a person, when their issuer issued or answered them; 0 while no claims said when. */
export const claimsIssuedAt = `
ALTER TABLE principals ADD COLUMN said_at INTEGER NOT NULL DEFAULT 0;
`;

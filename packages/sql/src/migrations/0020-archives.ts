/** `tokens_valid_from`: what was issued to a person before is refused, since they signed out everywhere. */
export const archives = `
ALTER TABLE principals ADD COLUMN tokens_valid_from INTEGER;
CREATE INDEX principals_by_tokens_valid_from ON principals (tokens_valid_from) WHERE tokens_valid_from IS NOT NULL;
`;

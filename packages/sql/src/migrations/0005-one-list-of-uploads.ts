/** The list of all of somebody's uploads is merged from those of each state: a create writes an index less. */
export const oneListOfUploads = `
DROP INDEX uploads_by_owner;
`;

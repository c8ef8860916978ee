/** What Stowage signs itself: rights that a row bounds and can take back. */
export const capabilities = `
`;

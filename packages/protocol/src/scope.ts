/** What a token may be used for. */
export const scopes = [
  "files:read",
  "files:write",
  "uploads:write",
  "albums:write",
  "audit:read",
  "operations:read",
] as const;

export type Scope = (typeof scopes)[number];

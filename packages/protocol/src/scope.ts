/** What a token may be used for. */
export const scopes = [
  "files:read",
  "files:write",
  "uploads:write",
  "albums:write",
  "audit:read",
  "operations:read",
] as const;

/** Those that a person signs in with, whichever page or program they do it by: who has all of them acts as that person, not for a part of it. */
export const personScopes = [
  "files:read",
  "files:write",
  "uploads:write",
] as const satisfies readonly Scope[];

export type Scope = (typeof scopes)[number];

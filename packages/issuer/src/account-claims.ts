import type { StoredAccount } from "./account-store.ts";

/** What an ID token says of an account, for the scopes `email` and `profile` (OpenID Connect Core 1.0 §5.4). */
export function idTokenClaims({ account, emailVerified }: StoredAccount): Record<string, unknown> {
  return {
    email: account.email,
    email_verified: emailVerified,
    ...(account.name !== undefined && { name: account.name }),
  };
}

/** What an access token says of an account: what the API shows, and decides by. */
export function accessTokenClaims(stored: StoredAccount): Record<string, unknown> {
  const { account } = stored;
  return {
    ...idTokenClaims(stored),
    ...(account.organisation !== undefined && { org: account.organisation }),
    ...(account.operator && { operator: true }),
  };
}

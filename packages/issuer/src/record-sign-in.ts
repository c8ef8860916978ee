import type { Account } from "./account.ts";
import type { AccountStore } from "./account-store.ts";
import type { IssuerDatabase } from "./issuer-database.ts";

/** See `Issuer.recordSignIn`. */
export async function recordSignIn(
  ports: { readonly database: IssuerDatabase; readonly store: AccountStore; readonly now: () => Date },
  email: string,
): Promise<Account> {
  const { account } = ports.store.get(email);
  // All but the first sign-in: no write, and no wait for a lock.
  if (account.signedInAt !== undefined) return account;
  return ports.database.write(() => {
    ports.store.setSignedInAt(account.id, ports.now().toISOString());
    return ports.store.get(email).account;
  });
}

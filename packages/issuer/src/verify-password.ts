import type { Account } from "./account.ts";
import type { AccountStore } from "./account-store.ts";
import { verifyPasswordHash } from "./password-hash.ts";

/** See `Issuer.verifyPassword`. */
export async function verifyPassword(
  store: AccountStore,
  email: string,
  password: string,
): Promise<Account | undefined> {
  const stored = store.find(email);
  const isRight = await verifyPasswordHash(stored?.passwordHash, password);
  return isRight ? stored?.account : undefined;
}

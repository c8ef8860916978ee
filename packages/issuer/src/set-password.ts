import type { AccountStore } from "./account-store.ts";
import type { IssuerDatabase } from "./issuer-database.ts";
import { hashPassword } from "./password-hash.ts";
import { assertPassword } from "./password-policy.ts";

/** See `Issuer.setPassword`. */
export async function setPassword(
  { database, store }: { readonly database: IssuerDatabase; readonly store: AccountStore },
  email: string,
  password: string,
): Promise<void> {
  const { account } = store.get(email);
  assertPassword(password, account);
  const passwordHash = await hashPassword(password);
  await database.write(() => store.updatePasswordHash(account.id, passwordHash));
}

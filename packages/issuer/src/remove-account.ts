import { emailKeyOf } from "./email-address.ts";
import type { IssuerPorts } from "./issuer-ports.ts";

/** See `Issuer.removeAccount`. */
export async function removeAccount(
  { database, store, tries }: IssuerPorts,
  accountId: string,
): Promise<void> {
  await database.write(() => {
    const stored = store.findById(accountId);
    store.remove(accountId);
    if (stored) tries.forgetAccount(emailKeyOf(stored.account.email) ?? "");
  });
}

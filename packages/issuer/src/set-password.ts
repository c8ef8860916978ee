import { emailKeyOf } from "./email-address.ts";
import type { IssuerPorts } from "./issuer-ports.ts";
import { hashPassword } from "./password-hash.ts";
import { assertPassword } from "./password-policy.ts";

/** See `Issuer.setPassword`. */
export async function setPassword(
  { database, store, tries, now }: IssuerPorts,
  email: string,
  password: string,
): Promise<void> {
  const { account } = store.get(email);
  assertPassword(password, account);
  const passwordHash = await hashPassword(password);
  await database.write(() => {
    store.replacePassword(account.id, passwordHash, Math.floor(now().getTime() / 1000));
    tries.forgetAccount(emailKeyOf(account.email) ?? "");
  });
}

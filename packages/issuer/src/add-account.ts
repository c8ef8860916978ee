import { randomUUID } from "node:crypto";
import type { Account } from "./account.ts";
import type { AccountStore } from "./account-store.ts";
import { parseEmailAddress } from "./email-address.ts";
import { AccountExistsError, InvalidAccountDetailError } from "./errors.ts";
import type { NewAccount } from "./issuer.ts";
import type { IssuerDatabase } from "./issuer-database.ts";
import { parseLineOfText } from "./line-of-text.ts";
import { hashPassword } from "./password-hash.ts";
import { assertPassword } from "./password-policy.ts";

const maxNameCharacters = 200;

/** See `Issuer.addAccount`. */
export async function addAccount(
  ports: { readonly database: IssuerDatabase; readonly store: AccountStore; readonly now: () => Date },
  { email, password, organisation, operator = false, name, emailVerified = true }: NewAccount,
): Promise<Account> {
  const address = parseEmailAddress(email);
  const account: Account = {
    id: randomUUID(),
    email: address.email,
    ...(name !== undefined && { name: parseDetail("name", name) }),
    ...(organisation !== undefined && { organisation: parseDetail("organisation", organisation) }),
    operator,
    createdAt: ports.now().toISOString(),
  };
  if (password !== undefined) assertPassword(password, account);
  const passwordHash = password === undefined ? undefined : await hashPassword(password);

  const stored = { account, emailVerified, ...(passwordHash !== undefined && { passwordHash }) };
  if (!(await ports.database.write(() => ports.store.insert(stored, address))))
    throw new AccountExistsError(`There is an account for ${address.email} already.`);
  return account;
}

function parseDetail(detail: string, text: string): string {
  const line = parseLineOfText(text, maxNameCharacters);
  if ("problem" in line) throw new InvalidAccountDetailError(`The ${detail} ${line.problem}.`);
  return line.value;
}

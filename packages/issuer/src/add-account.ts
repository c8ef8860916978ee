import { randomUUID } from "node:crypto";
import type { Account } from "./account.ts";
import { parseEmailAddress } from "./email-address.ts";
import { AccountExistsError, InvalidAccountDetailError } from "./errors.ts";
import type { NewAccount } from "./issuer.ts";
import type { IssuerPorts } from "./issuer-ports.ts";
import { parseLineOfText } from "./line-of-text.ts";
import { hashPassword } from "./password-hash.ts";
import { assertPassword } from "./password-policy.ts";

const maxNameCharacters = 200;

/** See `Issuer.addAccount`. */
export async function addAccount(
  ports: Pick<IssuerPorts, "database" | "store" | "now">,
  { email, password, organisation, operator = false, name, emailVerified = true }: NewAccount,
  /** Done in the same transaction: what it throws undoes the account. */
  alongside: () => void = () => undefined,
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
  await ports.database.write(() => {
    alongside();
    if (!ports.store.insert(stored, address))
      throw new AccountExistsError(`There is an account for ${address.email} already.`);
  });
  return account;
}

/** @throws {InvalidAccountDetailError} */
export function parseDetail(detail: string, text: string): string {
  const line = parseLineOfText(text, maxNameCharacters);
  if ("problem" in line) throw new InvalidAccountDetailError(`The ${detail} ${line.problem}.`);
  return line.value;
}

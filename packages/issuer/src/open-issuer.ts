import { mkdir } from "node:fs/promises";
import { createAccountStore } from "./account-store.ts";
import { addAccount } from "./add-account.ts";
import { addInvite } from "./add-invite.ts";
import { discovery } from "./discovery.ts";
import { endEverySignIn } from "./end-every-sign-in.ts";
import { endSignIns } from "./end-sign-ins.ts";
import { createInviteStore } from "./invite-store.ts";
import type { Issuer } from "./issuer.ts";
import { openIssuerDatabase } from "./issuer-database.ts";
import { type IssuerPorts, keepIssuerPorts } from "./issuer-ports.ts";
import { mintAccessToken } from "./mint-access-token.ts";
import { recordSignIn } from "./record-sign-in.ts";
import { removeAccount } from "./remove-account.ts";
import { setPassword } from "./set-password.ts";
import { openSigningKeys } from "./signing-keys.ts";
import { createTryCounts } from "./try-counts.ts";
import { verifyPassword } from "./verify-password.ts";

export interface IssuerDirectoryOptions {
  /** The issuer's own: accounts in `issuer.sqlite`, keys in `keys.json`, both of mode 0600. */
  readonly directory: string;
  /** Default: the machine's clock. */
  readonly now?: () => Date;
}

/**
 * Opens the issuer of a directory, and makes what is missing there: the directory (mode 0700), a signing
 * key, an empty database. Any number of processes may do so at once, and end with the same keys.
 *
 * @throws {IssuerDirectoryError} if a file there is damaged or a newer Stowage's
 * @throws {IssuerBusyError} if another process held the database for 5 s
 */
export async function openIssuer({
  directory,
  now = () => new Date(),
}: IssuerDirectoryOptions): Promise<Issuer> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keys = await openSigningKeys(directory);
  const database = await openIssuerDatabase(directory);
  const store = createAccountStore(database);
  const tries = createTryCounts(database);
  const invites = createInviteStore(database);
  const ports: IssuerPorts = { database, store, tries, invites, keys, now };

  const issuer: Issuer = {
    addAccount: (account) => addAccount(ports, account),
    listAccounts: () => store.list(),
    findAccount: (email) => store.find(email)?.account,
    invite: (invite) => addInvite(ports, invite),
    setPassword: (email, password) => setPassword(ports, email, password),
    verifyPassword: (email, password) => verifyPassword(store, email, password),
    recordSignIn: (email) => recordSignIn(ports, email),
    mintAccessToken: (request) => mintAccessToken(ports, request),
    discovery,
    removeAccount: (accountId) => removeAccount(ports, accountId),
    endSignIns: (accountId) => endSignIns(ports, accountId),
    endEverySignIn: () => endEverySignIn(ports),
    jwks: () => ({ keys: keys.publicKeys.map((key) => ({ ...key })) }),
    close: () => database.close(),
  };
  return keepIssuerPorts(issuer, ports);
}

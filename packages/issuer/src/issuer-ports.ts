import type { AccountStore } from "./account-store.ts";
import type { InviteStore } from "./invite-store.ts";
import type { Issuer } from "./issuer.ts";
import type { IssuerDatabase } from "./issuer-database.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { TryCounts } from "./try-counts.ts";

/** What the parts of one opened issuer share. */
export interface IssuerPorts {
  readonly database: IssuerDatabase;
  readonly store: AccountStore;
  readonly tries: TryCounts;
  readonly invites: InviteStore;
  readonly keys: SigningKeys;
  readonly now: () => Date;
}

const portsOfIssuers = new WeakMap<Issuer, IssuerPorts>();

/** Lets `issuerPorts` find the ports of an issuer, which are no part of its interface. */
export function keepIssuerPorts(issuer: Issuer, ports: IssuerPorts): Issuer {
  portsOfIssuers.set(issuer, ports);
  return issuer;
}

/** @throws {TypeError} if `openIssuer` did not make it */
export function issuerPorts(issuer: Issuer): IssuerPorts {
  const ports = portsOfIssuers.get(issuer);
  if (ports === undefined) throw new TypeError("This issuer was not made by openIssuer.");
  return ports;
}

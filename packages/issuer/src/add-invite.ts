import { randomBytes } from "node:crypto";
import { parseDetail } from "./add-account.ts";
import { parseEmailAddress } from "./email-address.ts";
import { AccountExistsError, InvalidInviteError } from "./errors.ts";
import type { Invite, NewInvite } from "./issuer.ts";
import type { IssuerPorts } from "./issuer-ports.ts";

const tokenBytes = 32;
const maxLifetimeSeconds = 90 * 24 * 3600;

/** Path below the issuer's of the pages that links open. */
export const invitePath = "sign-up";

/** See `Issuer.invite`. */
export async function addInvite(
  { database, store, invites, now }: IssuerPorts,
  { email, organisation, operator = false, expiresInSeconds }: NewInvite,
): Promise<Invite> {
  const address = email === undefined ? undefined : parseEmailAddress(email);
  const details = {
    ...(address && { address }),
    ...(organisation !== undefined && { organisation: parseDetail("organisation", organisation) }),
    operator,
  };
  if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > maxLifetimeSeconds)
    throw new InvalidInviteError(
      `An invite lives for a whole number of seconds from 1 to ${maxLifetimeSeconds}, not ${expiresInSeconds}.`,
    );
  const madeAt = now();
  const nowSeconds = Math.floor(madeAt.getTime() / 1000);
  const expiresAtSeconds = nowSeconds + expiresInSeconds;
  const token = randomBytes(tokenBytes).toString("base64url");
  await database.write(() => {
    if (address && store.find(address.email))
      throw new AccountExistsError(`There is an account for ${address.email} already.`);
    invites.insert(token, details, { madeAt: madeAt.toISOString(), nowSeconds, expiresAtSeconds });
  });
  return {
    token,
    path: `${invitePath}/${token}`,
    expiresAt: new Date(expiresAtSeconds * 1000).toISOString(),
  };
}

import type { IncomingMessage } from "node:http";
import type { StoredAccount } from "../account-store.ts";
import { emailKeyOf } from "../email-address.ts";
import { PasswordQueueFullError } from "../errors.ts";
import { verifyPasswordHash } from "../password-hash.ts";
import type { TryKey } from "../try-counts.ts";
import type { TryRule } from "../try-limit.ts";
import { addressBlockOf } from "./address-block.ts";
import type { HttpContext } from "./http-context.ts";
import { browserIdOf } from "./known-browser.ts";
import { signInLimits } from "./sign-in-limits.ts";

export type PasswordCheck =
  | { readonly outcome: "right"; readonly stored: StoredAccount }
  | { readonly outcome: "wrong" }
  /** Not looked at. Without a time no wait helps. */
  | { readonly outcome: "too-many"; readonly waitSeconds: number | undefined }
  /** Not looked at either: more is going on than the process can do just now. */
  | { readonly outcome: "busy" };

/**
 * Whether a stranger's password opens an account, within the limits of tries. An address without an account is counted
 * and takes time like any other.
 */
export async function checkPassword(
  context: HttpContext,
  request: IncomingMessage,
  email: string,
  password: string,
): Promise<PasswordCheck> {
  const { ports, tell } = context;
  const { database, store, tries } = ports;
  const address = context.clientAddress(request);
  const stored = store.find(email);
  const limits = limitsFor(context, request, email, stored);
  const keys = limits.map(([key]) => key);

  const refusal = await tries.begin(limits, ports.now().getTime());
  if (refusal) {
    tell({ type: "sign-in-refused", reason: "too-many", address });
    return { outcome: "too-many", ...refusal };
  }
  const takeBack = () =>
    database.write(() => {
      for (const key of keys) tries.takeBack(key);
    });
  let isRight: boolean;
  try {
    isRight = await verifyPasswordHash(stored?.passwordHash, password);
  } catch (error) {
    if (!(error instanceof PasswordQueueFullError)) throw error;
    await takeBack();
    return { outcome: "busy" };
  }
  // Again: the password may have been reset while it was stretched.
  const now = stored && store.findById(stored.account.id);
  if (!isRight || now === undefined || now.passwordHash !== stored?.passwordHash) {
    tell({ type: "sign-in-refused", reason: "wrong", address });
    return { outcome: "wrong" };
  }
  // The address's own count goes back by this one try, if it was counted there (a known browser's is not): an account of
  // one's own is no way to guess others' for ever.
  await database.write(() => {
    for (const key of keys)
      if (key[0] === "address") tries.takeBack(key);
      else tries.forget([key]);
    tries.forgetAccount(emailKeyOf(email) ?? "");
  });
  return { outcome: "right", stored: now };
}

function limitsFor(
  context: HttpContext,
  request: IncomingMessage,
  email: string,
  stored: StoredAccount | undefined,
): (readonly [TryKey, TryRule])[] {
  const { ports } = context;
  const browserId = browserIdOf(context, request);
  const accountId = stored?.account.id;
  if (
    browserId !== undefined &&
    accountId !== undefined &&
    ports.tries.isKnownBrowser(browserId, accountId, ports.now().getTime())
  )
    return [[["known", browserId, accountId], signInLimits.known]];

  const block = addressBlockOf(context.clientAddress(request));
  const emailKey = emailKeyOf(email);
  const ofAddress = [["address", block], signInLimits.address] as const;
  if (emailKey === undefined) return [ofAddress];
  return [
    [["pair", emailKey, block], signInLimits.pair],
    [["account", emailKey], signInLimits.account],
    ofAddress,
  ];
}

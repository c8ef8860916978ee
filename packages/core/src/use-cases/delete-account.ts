import type { Principal } from "../policy/principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { ServicePorts } from "./ports.ts";
import { assertPerson } from "./sign-out-everywhere.ts";

/**
 * Deletes a person's account: at once nobody knows any more who they were, and nothing lets them in; what they own is deleted by the
 * sweeper, file by file, within minutes. Whoever signs in with the same issuer later is somebody new. Where the issuer runs here, their account
 * there goes too: now, or, where that can't be done now, by the sweeper.
 *
 * @param principal.issuerAheadMs how far tokens of their issuer were seen to be from the future. Default: none was
 * @returns from when on somebody new may come by the same name, in milliseconds: within a second, or that much later
 * @throws RefusedError `forbidden` of a guest or a link, `not-found` where the person has no row
 */
export async function deleteAccount(
  { metadata, issuerAccounts, wakeWorker }: Pick<ServicePorts, "metadata" | "issuerAccounts" | "wakeWorker">,
  principal: Principal & { readonly issuerAheadMs?: number },
): Promise<number> {
  assertPerson(principal);
  const person = await metadata.findPrincipal(principal.id);
  if (!person) throw new RefusedError(notFound);
  // Here first: it says what is still to be done there, whatever dies in between.
  const deleted = await metadata.deleteAccount({
    principalId: person.id,
    issuerAheadMs: principal.issuerAheadMs,
    ...(issuerAccounts ? { ownIssuer: issuerAccounts.issuer } : {}),
  });
  if (!deleted) throw new RefusedError(notFound);
  wakeWorker();
  if (issuerAccounts?.issuer === person.issuer)
    try {
      await issuerAccounts.remove(person);
      await metadata.forgetIssuerAccount(person.id);
    } catch {
      // The sweeper tries again, and tells the operator what keeps it from that: the person has nothing to do about it.
      return deleted.tokensValidFromMs;
    }
  return deleted.tokensValidFromMs;
}

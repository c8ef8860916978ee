import type { Principal } from "../policy/principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { ServicePorts } from "./ports.ts";
import { assertPerson } from "./sign-out-everywhere.ts";

/**
 * Deletes a person's account: at once nobody knows any more who they were, and nothing lets them in; what they own is deleted by the
 * sweeper, file by file, within minutes. Whoever signs in with the same issuer later is somebody new. Where the issuer runs here, their account
 * there goes too.
 *
 * @throws RefusedError `forbidden` of a guest or a link, `not-found` where the person has no row
 */
export async function deleteAccount(
  { metadata, issuerAccounts, wakeWorker }: Pick<ServicePorts, "metadata" | "issuerAccounts" | "wakeWorker">,
  principal: Principal,
): Promise<void> {
  assertPerson(principal);
  const person = await metadata.findPrincipal(principal.id);
  if (!person) throw new RefusedError(notFound);
  // There first: where that fails, the token that asked is still good for asking again.
  await issuerAccounts?.remove(person);
  await metadata.deleteAccount(person.id);
  wakeWorker();
}

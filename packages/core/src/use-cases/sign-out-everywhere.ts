import type { Principal } from "../policy/principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * Ends whatever a person is signed in by: every token that was issued to them until now, and, where the issuer runs here, its sessions
 * and refresh tokens. Presigned URLs that were minted work to their end.
 *
 * @param principal.issuerAheadMs how far tokens of their issuer were seen to be from the future. Default: none was
 * @returns from when on what is issued to them is good, in milliseconds: within a second, or that much later. What was issued before this was called never is
 * @throws RefusedError `forbidden` of a guest or a link, `not-found` where the person has no row
 */
export async function signOutEverywhere(
  { metadata, issuerAccounts }: Pick<ServicePorts, "metadata" | "issuerAccounts">,
  principal: Principal & { readonly issuerAheadMs?: number },
): Promise<number> {
  assertPerson(principal);
  const person = await metadata.findPrincipal(principal.id);
  if (!person) throw new RefusedError(notFound);
  // Refresh tokens first: where that fails, the token that asked is still good for asking again.
  await issuerAccounts?.endSignIns(person);
  const signedOut = await metadata.signOutEverywhere({
    principalId: person.id,
    issuerAheadMs: principal.issuerAheadMs,
  });
  if (!signedOut) throw new RefusedError(notFound);
  return signedOut.tokensValidFromMs;
}

/** @throws RefusedError `forbidden` of who has no account here, but a guest's or a link's right, and of a program with rights that a person delegated */
export function assertPerson(principal: Principal): void {
  assertNotDelegated(principal);
  if (principal.capability)
    throw new RefusedError({ code: "forbidden", detail: "Only who has an account can do this." });
}

/** @throws RefusedError `forbidden` of a program with rights that a person delegated */
export function assertNotDelegated({ capability }: Principal): void {
  if (capability?.kind === "delegation")
    throw new RefusedError({
      code: "forbidden",
      detail: "Only who signed in can do this, not a program with a token of theirs.",
    });
}

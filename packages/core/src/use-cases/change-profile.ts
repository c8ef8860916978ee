import type { Principal } from "../policy/principal.ts";
import type { PrincipalRecord } from "../principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { type ExpectedRevision, isMet } from "./at-revision.ts";
import type { ServicePorts } from "./ports.ts";
import { assertPerson } from "./sign-out-everywhere.ts";

/** How often a change that is meant for the profile however it is comes upon another's, before it is refused. */
const maxTries = 100;

/**
 * Changes what a person says of themselves: how they are called. The rest their issuer says.
 *
 * @param change.name `null`: as their issuer calls them
 * @throws RefusedError `forbidden` of a guest or a link, `not-found`, `precondition-required`, `precondition-failed`
 */
export async function changeProfile(
  { metadata }: Pick<ServicePorts, "metadata">,
  principal: Principal,
  expected: ExpectedRevision,
  change: { readonly name: string | null },
): Promise<PrincipalRecord> {
  assertPerson(principal);
  let person = await metadata.findPrincipal(principal.id);
  for (let tries = 1; ; tries += 1) {
    if (!person) throw new RefusedError(notFound);
    if (expected === undefined)
      throw new RefusedError({
        code: "precondition-required",
        detail: "Send the profile's ETag in If-Match, so that no change of another device's is lost.",
      });
    const revision = profileRevisionOf(person);
    if (!isMet(expected, revision) || tries > maxTries)
      throw new RefusedError({
        code: "precondition-failed",
        detail: "The profile has changed since: get it again and decide anew.",
      });
    const result = await metadata.changeProfile({ principalId: person.id, revision, ...change });
    if (result.outcome === "done") return result.person;
    person = result.outcome === "stale" ? result.person : undefined;
  }
}

/** Its ETag. */
export const profileRevisionOf = ({ profileRevision = 1 }: PrincipalRecord): number => profileRevision;

import type { Principal } from "../policy/principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { ServicePorts } from "./ports.ts";
import { assertPerson } from "./sign-out-everywhere.ts";

/**
 * Takes back what the principal delegated: its token is good for nothing at the next request.
 *
 * @throws RefusedError `not-found`, alike for what is another's; `forbidden` of who has no account or comes by such a token
 */
export async function revokeDelegation(
  { metadata }: Pick<ServicePorts, "metadata">,
  principal: Principal,
  id: string,
): Promise<void> {
  assertPerson(principal);
  if (!(await metadata.revokeDelegation({ id, personId: principal.id }))) throw new RefusedError(notFound);
}

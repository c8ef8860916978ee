import type { LinkTarget, Principal } from "../policy/principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { assertMayShare } from "./assert-may-share.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * Takes a link back, and with it all that was given out by it.
 *
 * @throws RefusedError `not-found` where there is no such link to it, and as `assertMayShare` does
 */
export async function revokeLink(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  target: LinkTarget,
  id: string,
): Promise<void> {
  await assertMayShare(ports, principal, target);
  const actor = { principalId: principal.id };
  if (!(await ports.metadata.revokeLink({ id, target, actor }))) throw new RefusedError(notFound);
}

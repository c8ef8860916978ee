import type { Principal } from "../policy/principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { findVisibleFile } from "./get-file.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * Takes back what was shared with one person. URLs that they were given before work until they end, ten minutes later at most.
 *
 * @throws RefusedError `not-found` (also where it is not shared with them), `forbidden`, `sealed`
 */
export async function revokeGrant(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  fileId: string,
  userId: string,
): Promise<void> {
  await findVisibleFile(ports, principal, "share", fileId);
  const actor = { principalId: principal.id };
  if (!(await ports.metadata.revokeGrant({ fileId, userId, actor }))) throw new RefusedError(notFound);
}

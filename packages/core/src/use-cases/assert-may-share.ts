import type { FileRecord } from "../file.ts";
import type { LinkTarget, Principal } from "../policy/principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { findVisibleFile } from "./get-file.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * That a principal may decide who else sees this, by links too.
 *
 * @throws RefusedError `not-found`, `forbidden`; `sealed` to its owner alone
 */
export async function assertMayShare(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  target: LinkTarget,
): Promise<FileRecord> {
  if (target.kind === "album") throw new RefusedError(notFound);
  return findVisibleFile(ports, principal, "share", target.id);
}

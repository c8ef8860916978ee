import type { FileRecord } from "../file.ts";
import { type Action, decideAccess, type Principal } from "../policy/decide-access.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * A file that the principal may act on.
 *
 * @throws RefusedError `not-found`, alike for what does not exist and what is another's
 */
export async function findVisibleFile(
  { metadata }: Pick<ServicePorts, "metadata">,
  principal: Principal,
  action: Action,
  fileId: string,
): Promise<FileRecord> {
  const file = await metadata.findFile(fileId);
  if (!file) throw new RefusedError(notFound);
  if (!decideAccess(principal, action, { kind: "file", ownerId: file.ownerId }).allowed)
    throw new RefusedError(notFound);
  return file;
}

import {
  allowedFileActions,
  decideFileAccess,
  type FileAction,
  noFileAccess,
} from "../policy/decide-file-access.ts";
import { anonymousId, type Principal } from "../policy/principal.ts";
import { reasonInWords } from "../policy/reasons-in-words.ts";
import { findOwnFile } from "./get-file.ts";
import type { ServicePorts } from "./ports.ts";

export interface ExplainedAccess {
  readonly userId: string;
  readonly can: readonly FileAction[];
  /** In a sentence. */
  readonly because: string;
}

/**
 * For a file's owner: what somebody else may do with it, and why. An id that nobody has is answered as a stranger's.
 *
 * @throws RefusedError `not-found`, `forbidden`
 */
export async function explainAccess(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  fileId: string,
  userId: string,
): Promise<ExplainedAccess> {
  const { file } = await findOwnFile(ports, principal, fileId);
  const [person, [access = noFileAccess]] = await Promise.all([
    ports.metadata.findPrincipal(userId),
    ports.metadata.findFileAccess({ principalId: userId, fileIds: userId === anonymousId ? [] : [fileId] }),
  ]);
  const { organisationId } = person ?? {};
  const other: Principal = { id: userId, ...(organisationId === undefined ? {} : { organisationId }) };
  const nowMs = ports.clock.nowMs();
  return {
    userId,
    can: allowedFileActions(other, file, access, nowMs),
    because: reasonInWords(decideFileAccess(other, "read", file, access, nowMs).reason, "they"),
  };
}

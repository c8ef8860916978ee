import { maxGrantsPerFile } from "../limits.ts";
import { anonymousId, type Principal } from "../policy/principal.ts";
import type { GrantRecord } from "../ports/sharing-commands.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { notReady } from "./change-file.ts";
import { findVisibleFile } from "./get-file.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * Shares a file with one person, or gives what was shared another end. Whoever has that id is not looked up: an id that nobody has is
 * answered as one that somebody has.
 *
 * @param grant.endsAtMs in the future; absent: until it is taken back
 * @throws RefusedError `not-found`, `forbidden`, `sealed`, `validation-failed`, `file-not-ready`, `too-many-grants`
 */
export async function grantFile(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  fileId: string,
  { userId, endsAtMs }: { readonly userId: string; readonly endsAtMs?: number },
): Promise<GrantRecord> {
  const file = await findVisibleFile(ports, principal, "share", fileId);
  if (userId === file.ownerId)
    throw new RefusedError({
      code: "validation-failed",
      detail: "The file is yours already: share it with somebody else.",
    });
  if (userId === anonymousId)
    throw new RefusedError({
      code: "validation-failed",
      detail: `Nobody has the id "${anonymousId}": make the file public if everybody may see it.`,
    });
  if (endsAtMs !== undefined && endsAtMs <= ports.clock.nowMs())
    throw new RefusedError({
      code: "validation-failed",
      member: "endsAt",
      detail: "endsAt is in the past: nobody would see the file by it.",
    });
  const result = await ports.metadata.grantFile({
    fileId,
    userId,
    actor: { principalId: principal.id },
    ...(endsAtMs === undefined ? {} : { endsAtMs }),
    maxGrants: maxGrantsPerFile,
  });
  switch (result.outcome) {
    case "granted":
    case "unchanged":
      return result.grant;
    case "too-many":
      throw new RefusedError({
        code: "too-many-grants",
        detail: `The file is shared with ${maxGrantsPerFile} people already, and may be with no more: show it to your organisation, put it into an album, or take some back.`,
      });
    case "not-ready":
      throw new RefusedError(notReady(result.file));
    case "missing":
      throw new RefusedError(notFound);
  }
}

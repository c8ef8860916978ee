import { glassBreakLifetimeMs } from "../limits.ts";
import type { Principal } from "../policy/principal.ts";
import type { GlassBreakRecord } from "../ports/sharing-commands.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * Lets an operator see somebody's file for an hour, where there is no other way: it is audited, and its owner is told who, when and why.
 * They see it as whoever it is shared with does. That somebody is an operator was decided before.
 *
 * @param reason 10 to 1000 characters, for the owner
 * @throws RefusedError `not-found` of what is not ready, and of what is sealed, too; `forbidden` of one's own
 */
export async function breakGlass(
  { metadata }: Pick<ServicePorts, "metadata">,
  { id, capability }: Principal,
  fileId: string,
  reason: string,
): Promise<GlassBreakRecord> {
  const file = await metadata.findFile(fileId);
  if (file?.state !== "ready" || capability) throw new RefusedError(notFound);
  if (file.ownerId === id)
    throw new RefusedError({ code: "forbidden", detail: "The file is yours: there is no glass to break." });
  const result = await metadata.breakGlass({
    fileId,
    userId: id,
    lifetimeMs: glassBreakLifetimeMs,
    reason,
  });
  if (result.outcome === "missing") throw new RefusedError(notFound);
  return result.glassBreak;
}

import {
  type ArchiveRecord,
  type ArchiveRequest,
  archiveLifetimeMs,
  maxArchivesPerPerson,
} from "../archives/archive.ts";
import { newArchivePrefix } from "../keys.ts";
import type { Principal } from "../policy/principal.ts";
import { RefusedError } from "../refusal.ts";
import type { ServicePorts } from "./ports.ts";
import { assertPerson } from "./sign-out-everywhere.ts";

/**
 * Has an archive made. What may be in it is decided when it is made, and once more whenever it is given out: nothing is told here of
 * which files there are.
 *
 * @throws RefusedError `too-many-archives`; `forbidden` of a guest or a link
 */
export async function askArchive(
  { metadata, ids, wakeWorker }: Pick<ServicePorts, "metadata" | "ids" | "wakeWorker">,
  principal: Principal,
  request: ArchiveRequest,
): Promise<ArchiveRecord> {
  assertPerson(principal);
  const asked = await metadata.askArchive({
    id: ids.newId(),
    ownerId: principal.id,
    request,
    keyPrefix: newArchivePrefix(ids),
    lifetimeMs: archiveLifetimeMs,
    maxPerOwner: maxArchivesPerPerson,
  });
  if (asked.outcome === "too-many")
    throw new RefusedError({
      code: "too-many-archives",
      detail: `You have ${maxArchivesPerPerson} archives already: each is kept for a day, then you may ask for another.`,
    });
  wakeWorker();
  return asked.archive;
}

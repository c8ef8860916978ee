import type { ArchiveRecord } from "../archives/archive.ts";
import { decideArchiveAgain } from "./decide-archive-again.ts";
import { principalOf } from "./make-archive.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * Decides those ready archives again of which something may be another's or gone since: a copy of what was purged, or is theirs no more who packed it, must not
 * live on. Answers how many are stale since.
 */
export async function outdateDoubtedArchives(
  ports: Pick<ServicePorts, "metadata" | "clock">,
): Promise<number> {
  let outdated = 0;
  for (let after = ""; ; ) {
    const page = await ports.metadata.listDoubtedArchives({ after, limit: pageSize });
    for (const { archive, doubts } of page) {
      if (await outdate(ports, archive)) outdated += 1;
      else await ports.metadata.settleArchive({ id: archive.id, doubts });
    }
    const last = page.at(-1);
    if (page.length < pageSize || !last) return outdated;
    after = last.archive.id;
  }
}

/** Archives that are looked at together. */
const pageSize = 20;

/** The same of every ready archive: rights end by themselves, too. Reads a row of every file in them: seldom. */
export async function outdateArchives(ports: Pick<ServicePorts, "metadata" | "clock">): Promise<number> {
  let outdated = 0;
  for (let after = ""; ; ) {
    const page: readonly ArchiveRecord[] = await ports.metadata.listReadyArchives({ after, limit: pageSize });
    for (const archive of page) if (await outdate(ports, archive)) outdated += 1;
    const last = page.at(-1);
    if (page.length < pageSize || !last) return outdated;
    after = last.id;
  }
}

async function outdate(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  archive: ArchiveRecord,
): Promise<boolean> {
  const person = await ports.metadata.findPrincipal(archive.ownerId);
  const untilMs = person && (await decideArchiveAgain(ports, principalOf(person), archive));
  if (untilMs !== undefined && untilMs > ports.clock.nowMs()) return false;
  return ports.metadata.outdateArchive(archive.id);
}

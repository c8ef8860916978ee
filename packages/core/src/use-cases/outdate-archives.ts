import type { ArchiveRecord } from "../archives/archive.ts";
import { decideArchiveAgain } from "./decide-archive-again.ts";
import { principalOf } from "./make-archive.ts";
import type { ServicePorts } from "./ports.ts";

/** Archives that are looked at together. */
const pageSize = 20;

/**
 * Decides every ready archive again, whoever asks for it or not: a file that was purged, or is theirs no more who packed it, must not live on as
 * a copy. Answers how many are stale since. Reads a row of every file in them: seldom.
 */
export async function outdateArchives(ports: Pick<ServicePorts, "metadata" | "clock">): Promise<number> {
  let outdated = 0;
  for (let after = ""; ; ) {
    const page: readonly ArchiveRecord[] = await ports.metadata.listReadyArchives({ after, limit: pageSize });
    for (const archive of page) {
      const person = await ports.metadata.findPrincipal(archive.ownerId);
      const untilMs = person && (await decideArchiveAgain(ports, principalOf(person), archive));
      if (untilMs !== undefined && untilMs > ports.clock.nowMs()) continue;
      if (await ports.metadata.outdateArchive(archive.id)) outdated += 1;
    }
    const last = page.at(-1);
    if (page.length < pageSize || !last) return outdated;
    after = last.id;
  }
}

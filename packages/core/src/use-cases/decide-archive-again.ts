import type { ArchiveRecord, PackedEntry } from "../archives/archive.ts";
import type { Principal } from "../policy/principal.ts";
import { bytesGivenOut } from "./bytes-given-out.ts";
import { findVisibleFiles } from "./get-file.ts";
import { isInTrash } from "./plan-archive.ts";
import type { ServicePorts } from "./ports.ts";

type DecidingPorts = Pick<ServicePorts, "metadata" | "clock">;

/** Files that are looked at together. */
const pageSize = 200;

/**
 * Until when a ready archive may be given to its owner; `undefined` where something in it may not be any more, or would be other bytes
 * now.
 */
export async function decideArchiveAgain(
  ports: DecidingPorts,
  principal: Principal,
  { request, parts, endsAtMs }: Pick<ArchiveRecord, "request" | "parts" | "endsAtMs">,
): Promise<number | undefined> {
  const isAccount = request.kind === "account";
  let untilMs = endsAtMs;
  for (const { entries } of parts) {
    const partUntilMs = await decideAgain(ports, principal, entries, isAccount);
    if (partUntilMs === undefined) return undefined;
    untilMs = Math.min(untilMs, partUntilMs);
  }
  return untilMs;
}

/** Until when all of it may be had; `undefined` where something of it may not. */
async function decideAgain(
  ports: DecidingPorts,
  principal: Principal,
  entries: readonly PackedEntry[],
  isAccount: boolean,
): Promise<number | undefined> {
  let untilMs = Number.POSITIVE_INFINITY;
  for (let at = 0; at < entries.length; at += pageSize) {
    const page = entries.slice(at, at + pageSize);
    const visible = await findVisibleFiles(
      ports,
      principal,
      page.map(({ fileId }) => fileId),
    );
    const own: PackedEntry[] = [];
    for (const entry of page) {
      const seen = visible.get(entry.fileId);
      if (!seen || (seen.file.state !== "ready" && !(isAccount && isInTrash(seen)))) return undefined;
      const { endsAtMs = Number.POSITIVE_INFINITY } = seen.decision;
      untilMs = Math.min(untilMs, endsAtMs);
      const bytes = bytesGivenOut(seen);
      if (bytes.kind === "given" && bytes.key === entry.key) continue;
      if (!seen.isOwn) return undefined;
      own.push(entry);
    }
    if (own.length === 0) continue;
    // Of one's own other versions are given out too, as long as they are there.
    const versions = await ports.metadata.findFileVersions(own);
    const keys = new Set(versions.map(({ key }) => key));
    if (own.some(({ key }) => !keys.has(key))) return undefined;
  }
  return untilMs;
}

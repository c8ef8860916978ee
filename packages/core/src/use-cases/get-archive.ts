import type { ArchivePart, ArchiveRecord, PackedEntry } from "../archives/archive.ts";
import { contentDisposition } from "../content-disposition.ts";
import type { Principal } from "../policy/principal.ts";
import type { PresignedRequest } from "../ports/object-store.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { bytesGivenOut } from "./bytes-given-out.ts";
import { findVisibleFiles } from "./get-file.ts";
import type { ServicePorts } from "./ports.ts";

export interface ArchiveSeen {
  readonly archive: ArchiveRecord;
  /** Of a ready one, by part. */
  readonly requests: readonly PresignedRequest[];
}

type GetPorts = Pick<ServicePorts, "metadata" | "objects" | "clock" | "limits">;

/** Files that are looked at together. */
const pageSize = 200;

/**
 * An archive of one's own and, where it is ready, a URL for each of its parts. Before any is minted everything in it is decided once more: where
 * its owner may no longer have one thing of it, or would get other bytes now, all of it is `stale` from then on and deleted.
 *
 * @throws RefusedError `not-found`, alike for what does not exist and what is another's
 */
export async function getArchive(
  ports: GetPorts,
  principal: Principal,
  archiveId: string,
): Promise<ArchiveSeen> {
  const { metadata, clock, limits } = ports;
  const archive = await metadata.findArchive(archiveId);
  const isTheirs = archive && !principal.capability && archive.ownerId === principal.id;
  if (!isTheirs || archive.endsAtMs <= clock.nowMs()) throw new RefusedError(notFound);
  if (archive.state !== "ready") return { archive, requests: [] };
  let endsAtMs: number | undefined = archive.endsAtMs;
  for (const part of archive.parts) {
    const until = await decideAgain(ports, principal, part.entries);
    endsAtMs = until === undefined || endsAtMs === undefined ? undefined : Math.min(endsAtMs, until);
  }
  const leftSeconds = endsAtMs === undefined ? 0 : Math.floor((endsAtMs - clock.nowMs()) / 1000);
  if (leftSeconds < 1) {
    await metadata.outdateArchive(archive.id);
    return { archive: { ...archive, state: "stale", parts: [] }, requests: [] };
  }
  const expiresInSeconds = Math.min(limits.urlLifetimeSeconds, leftSeconds);
  return {
    archive,
    requests: archive.parts.map((part, index) => presign(ports, archive, part, index, expiresInSeconds)),
  };
}

/** Until when all of it may be had; `undefined` where something of it may not. */
async function decideAgain(
  ports: GetPorts,
  principal: Principal,
  entries: readonly PackedEntry[],
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
      if (seen?.file.state !== "ready") return undefined;
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

function presign(
  { objects, clock }: GetPorts,
  { id, parts }: ArchiveRecord,
  { key }: ArchivePart,
  index: number,
  expiresInSeconds: number,
): PresignedRequest {
  const number = parts.length === 1 ? "" : `-${index + 1}-of-${parts.length}`;
  return objects.presignGet({
    key,
    signedAtMs: clock.nowMs(),
    expiresInSeconds,
    responseContentType: "application/zip",
    responseContentDisposition: contentDisposition("attachment", `stowage-${id.slice(-8)}${number}.zip`),
    responseCacheControl: "private, no-store",
  });
}

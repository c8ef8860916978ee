import type { ArchivePart, ArchiveRecord } from "../archives/archive.ts";
import { contentDisposition } from "../content-disposition.ts";
import type { Principal } from "../policy/principal.ts";
import type { PresignedRequest } from "../ports/object-store.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { decideArchiveAgain } from "./decide-archive-again.ts";
import type { ServicePorts } from "./ports.ts";

export interface ArchiveSeen {
  readonly archive: ArchiveRecord;
  /** Of a ready one, by part. */
  readonly requests: readonly PresignedRequest[];
}

type GetPorts = Pick<ServicePorts, "metadata" | "objects" | "clock" | "limits">;

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
  const endsAtMs = await decideArchiveAgain(ports, principal, archive);
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

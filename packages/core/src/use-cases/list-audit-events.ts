import type { AuditEventRecord } from "../audit-event.ts";
import { isSealed } from "../policy/decide-album-access.ts";
import { anonymousId, type Principal } from "../policy/principal.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import { getFile } from "./get-file.ts";
import { type Page, pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";

/** A page of a list of audit events, newest first; `before` is the sequence of the last one of the page before. */
export interface AuditPageQuery {
  readonly before?: number;
  /** 1 to 200. */
  readonly limit: number;
}

const sequenceOf = ({ sequence }: AuditEventRecord): number => sequence;

/**
 * What was done to a file, for its owner. What is sealed has no owner's rights: there is nothing of it.
 *
 * @throws RefusedError `not-found`, also for who may read it, but does not own it
 */
export async function listFileAuditEvents(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  fileId: string,
  { before, limit }: AuditPageQuery,
): Promise<Page<AuditEventRecord, number>> {
  const { file, can } = await getFile(ports, principal, fileId);
  if (!can.includes("history")) throw new RefusedError(notFound);
  const rows = await ports.metadata.listAuditEventsBack({
    targetId: file.id,
    ...(before === undefined ? {} : { before }),
    limit: limit + 1,
  });
  return pageOf(rows, limit, sequenceOf);
}

/**
 * What was done, by anybody or by one person, for an operator. A seal outranks operators too: what concerns a sealed file is left
 * out, so that a page may be short.
 */
export async function listAllAuditEvents(
  { metadata }: Pick<ServicePorts, "metadata">,
  { actorId, before, limit }: AuditPageQuery & { readonly actorId?: string },
): Promise<Page<AuditEventRecord, number>> {
  const rows = await metadata.listAuditEventsBack({
    ...(actorId === undefined ? {} : { actorId }),
    ...(before === undefined ? {} : { before }),
    limit: limit + 1,
  });
  const page = pageOf(rows, limit, sequenceOf);
  const sealed = await findSealedTargets(metadata, page.items);
  return { ...page, items: page.items.filter(({ targetId }) => !sealed.has(targetId)) };
}

/** The ids among the events' targets that are sealed files, or uploads of such, or to an album that is sealed. */
async function findSealedTargets(
  metadata: Pick<MetadataStore, "findFiles" | "findUploads" | "findAlbums">,
  events: readonly AuditEventRecord[],
): Promise<ReadonlySet<string>> {
  const targets = [...new Set(events.map(({ targetId }) => targetId))];
  const uploads = await metadata.findUploads(targets);
  const files = await metadata.findFiles(targets);
  const ofUploads = await metadata.findFiles([...new Set(uploads.map(({ fileId }) => fileId))]);
  const albumIds = [...new Set(uploads.flatMap(({ albumId }) => albumId ?? []))];
  const albums =
    albumIds.length === 0 ? [] : await metadata.findAlbums({ principalId: anonymousId, albumIds });
  const sealedFiles = [...files, ...ofUploads].filter(({ state }) => state === "sealed");
  const sealed = new Set([
    ...sealedFiles.map(({ id }) => id),
    ...albums.filter(({ album }) => isSealed(album)).map(({ album }) => album.id),
  ]);
  const isOfSealed = ({ fileId, albumId = "" }: UploadRecord) => sealed.has(fileId) || sealed.has(albumId);
  return new Set([...sealedFiles.map(({ id }) => id), ...uploads.filter(isOfSealed).map(({ id }) => id)]);
}

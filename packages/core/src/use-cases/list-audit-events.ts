import type { AuditEventRecord } from "../audit-event.ts";
import type { Principal } from "../policy/principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
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
 * What was done, by anybody or by one person, for an operator. A seal outranks operators too: what concerns what is sealed is left
 * out, by the query itself, so that a page tells nothing by what it lacks.
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
  return pageOf(rows, limit, sequenceOf);
}

import type { FileRecord } from "../file.ts";
import { type Action, decideAccess, type Principal, visibleOwnerId } from "../policy/decide-access.ts";
import type { ListPosition } from "../ports/metadata-store.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { type Page, pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * A file that the principal may act on.
 *
 * @throws RefusedError `not-found`, alike for what does not exist and what is another's
 */
export async function findVisibleFile(
  { metadata }: Pick<ServicePorts, "metadata">,
  principal: Principal,
  action: Action,
  fileId: string,
): Promise<FileRecord> {
  const file = await metadata.findFile(fileId);
  if (!file) throw new RefusedError(notFound);
  if (!decideAccess(principal, action, { kind: "file", ownerId: file.ownerId }).allowed)
    throw new RefusedError(notFound);
  return file;
}

/** The principal's files, newest first. */
export async function listFiles(
  { metadata }: Pick<ServicePorts, "metadata">,
  principal: Principal,
  query: { readonly trashed: boolean; readonly after?: ListPosition; readonly limit: number },
): Promise<Page<FileRecord>> {
  const rows = await metadata.listFiles({
    ownerId: visibleOwnerId(principal),
    state: query.trashed ? "trashed" : "ready",
    ...(query.after ? { after: query.after } : {}),
    limit: query.limit + 1,
  });
  return pageOf(rows, query.limit);
}

import type { FileRecord } from "../file.ts";
import { type FileList, type FilePosition, positionOf } from "../file-lists/file-list.ts";
import { ownerIdOf } from "../policy/decide-upload-access.ts";
import type { Principal } from "../policy/principal.ts";
import { listRevealed } from "./albums/list-revealed.ts";
import { findVisibleFiles, onlyVisible, type VisibleFile } from "./get-file.ts";
import { type Page, pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * A page of one of the lists of the principal's files, or of those that they may read; of what an album reveals a list has all or nothing. Each file of it
 * is decided once more: a right that has run out leaves a page shorter than was asked for.
 */
export async function listFiles(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  query: { readonly list: FileList; readonly after?: FilePosition; readonly limit: number },
): Promise<Page<VisibleFile, FilePosition>> {
  const rows = await listRevealed(ports, {
    ownerId: ownerIdOf(principal),
    ...query,
    limit: query.limit + 1,
  });
  const page: Page<FileRecord, FilePosition> = pageOf(rows, query.limit, (file) =>
    positionOf(query.list, file),
  );
  return { ...page, items: await onlyVisible(ports, principal, page.items) };
}

/** Those of some files (at most 200, each once) that the principal may read, in the order of the ids. */
export async function listFilesById(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  ids: readonly string[],
): Promise<VisibleFile[]> {
  const seen = await findVisibleFiles(ports, principal, ids);
  return ids.flatMap((id) => seen.get(id) ?? []);
}

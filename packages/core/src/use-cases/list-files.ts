import type { FileRecord } from "../file.ts";
import { type FileList, type FilePosition, positionOf } from "../file-lists/file-list.ts";
import { type Principal, visibleOwnerId } from "../policy/decide-access.ts";
import { type Page, pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";

/** A page of one of the lists of the principal's files. */
export async function listFiles(
  { metadata }: Pick<ServicePorts, "metadata">,
  principal: Principal,
  query: { readonly list: FileList; readonly after?: FilePosition; readonly limit: number },
): Promise<Page<FileRecord, FilePosition>> {
  const rows = await metadata.listFiles({
    ownerId: visibleOwnerId(principal),
    ...query,
    limit: query.limit + 1,
  });
  return pageOf(rows, query.limit, (file) => positionOf(query.list, file));
}

import type { FileVersionRecord } from "../file.ts";
import type { Principal } from "../policy/principal.ts";
import { findVisibleFile } from "./get-file.ts";
import { type Page, pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * A file's history: all its versions that were not deleted, the newest first.
 *
 * @param list.after the number of the last one of the page before
 * @throws RefusedError `not-found`, `forbidden`
 */
export async function listFileVersions(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  fileId: string,
  list: { readonly after?: number; readonly limit: number },
): Promise<Page<FileVersionRecord, number>> {
  const file = await findVisibleFile(ports, principal, "history", fileId);
  const rows = await ports.metadata.listFileVersions({ fileId: file.id, ...list, limit: list.limit + 1 });
  return pageOf(rows, list.limit, ({ version }) => version);
}

import { maySeeUpload, ownerIdOf } from "../policy/decide-upload-access.ts";
import type { Principal } from "../policy/principal.ts";
import type { ListPosition } from "../ports/metadata-store.ts";
import type { UploadRecord, UploadState } from "../upload.ts";
import { type Page, pageOf } from "./page.ts";
import type { ServicePorts } from "./ports.ts";

/** The principal's uploads, newest first. */
export async function listUploads(
  { metadata }: Pick<ServicePorts, "metadata">,
  principal: Principal,
  query: { readonly state?: UploadState; readonly after?: ListPosition; readonly limit: number },
): Promise<Page<UploadRecord, ListPosition>> {
  const rows = await metadata.listUploads({
    ownerId: ownerIdOf(principal),
    ...query,
    limit: query.limit + 1,
  });
  return pageOf(rows, query.limit, ({ createdAtMs, id }) => ({ createdAtMs, id }));
}

/** Those among the ids that exist and that the principal may see, in the order asked. */
export async function findOwnUploads(
  { metadata, clock }: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  ids: readonly string[],
): Promise<UploadRecord[]> {
  const found = new Map((await metadata.findUploads(ids)).map((upload) => [upload.id, upload]));
  return ids.flatMap((id) => {
    const upload = found.get(id);
    return upload && maySeeUpload(principal, upload, clock.nowMs()) ? [upload] : [];
  });
}

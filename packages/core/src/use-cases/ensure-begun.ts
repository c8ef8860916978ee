import type { Actor } from "../audit-event.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * A pending multipart with the store's id of it. Where it has none, a multipart upload is begun in the store, under
 * the key that its row has held since it was created, and its id recorded by compare-and-set; whoever loses that race
 * aborts its own. One that was begun by a process that then died has no URL, and the sweeper aborts it.
 *
 * @returns the upload as it is now: past pending, where that came first
 */
export async function ensureBegun(
  { metadata, objects }: Pick<ServicePorts, "metadata" | "objects">,
  upload: UploadRecord,
  actor: Actor,
): Promise<UploadRecord> {
  if (upload.multipart?.storeUploadId !== undefined) return upload;
  const key = upload.landingKey;
  const storeUploadId = await objects.createMultipartUpload({ key, contentType: upload.contentType });
  const result = await metadata.beginMultipart({ uploadId: upload.id, actor, storeUploadId });
  if (result.outcome === "begun") return result.upload;
  const isOurs = result.outcome === "already" && result.upload.multipart?.storeUploadId === storeUploadId;
  if (!isOurs) await objects.abortMultipartUpload({ key, storeUploadId });
  if (result.outcome === "missing") throw new RefusedError(notFound);
  return result.upload;
}

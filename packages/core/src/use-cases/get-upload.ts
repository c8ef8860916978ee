import { maySeeUpload } from "../policy/decide-upload-access.ts";
import type { Principal } from "../policy/principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { UploadEventRecord, UploadRecord } from "../upload.ts";
import type { ServicePorts } from "./ports.ts";
import { timelineInWords } from "./timeline-words.ts";

/**
 * An upload that the principal may act on.
 *
 * @throws RefusedError `not-found`, alike for what does not exist and what is another's
 */
export async function findVisibleUpload(
  { metadata, clock }: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  uploadId: string,
): Promise<UploadRecord> {
  const upload = await metadata.findUpload(uploadId);
  if (!upload || !maySeeUpload(principal, upload, clock.nowMs())) throw new RefusedError(notFound);
  return upload;
}

/** An upload with its timeline in words: where it stands, why it failed. */
export async function getUpload(
  ports: Pick<ServicePorts, "metadata" | "clock">,
  principal: Principal,
  uploadId: string,
): Promise<{ readonly upload: UploadRecord; readonly events: readonly UploadEventRecord[] }> {
  const upload = await findVisibleUpload(ports, principal, uploadId);
  return { upload, events: timelineInWords(upload, await ports.metadata.listUploadEvents(upload.id)) };
}

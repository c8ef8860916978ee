import type { Principal } from "../policy/decide-access.ts";
import type { Actor } from "../ports/metadata-store.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import { findVisibleUpload } from "./get-upload.ts";
import type { ServicePorts } from "./ports.ts";

type CompletePorts = Pick<ServicePorts, "metadata" | "objects" | "wakeWorker">;

/**
 * The client says that its bytes are there; the store is asked, never the client believed. Idempotent: an upload
 * that is past pending is answered as it is.
 *
 * @throws RefusedError `not-found`, `bytes-missing`, `upload-gone`
 */
export async function completeUpload(
  ports: CompletePorts,
  principal: Principal,
  uploadId: string,
): Promise<UploadRecord> {
  const upload = await findVisibleUpload(ports, principal, "change", uploadId);
  return completeArrived(ports, upload, { principalId: principal.id });
}

/**
 * The one way in which an upload becomes `uploaded`, whoever noticed: the client, the store's event, the sweeper.
 *
 * @throws RefusedError `bytes-missing`, `upload-gone`
 */
export async function completeArrived(
  { metadata, objects, wakeWorker }: CompletePorts,
  upload: UploadRecord,
  actor: Actor,
): Promise<UploadRecord> {
  if (upload.state !== "pending") return unlessAborted(upload);
  const there = await objects.head(upload.landingKey);
  if (!there)
    throw new RefusedError({
      code: "bytes-missing",
      detail: "The store has no bytes of this upload yet: send the PUT, then complete.",
    });
  if (there.sizeBytes !== upload.sizeBytes)
    throw new RefusedError({
      code: "bytes-missing",
      detail: `The store has ${there.sizeBytes} bytes where ${upload.sizeBytes} were declared: ask for a fresh request and send them again.`,
    });
  if (there.sha256 !== undefined && there.sha256 !== upload.sha256)
    throw new RefusedError({
      code: "bytes-missing",
      detail: "The store has other bytes than declared: ask for a fresh request and send them again.",
    });
  const result = await metadata.completeUpload({ uploadId: upload.id, actor });
  if (result.outcome === "missing") throw new RefusedError(notFound);
  if (result.outcome === "completed") wakeWorker();
  return unlessAborted(result.upload);
}

/**
 * The upload, unless it was aborted.
 *
 * @throws RefusedError `upload-gone`
 */
export function unlessAborted(upload: UploadRecord): UploadRecord {
  if (upload.state === "aborted")
    throw new RefusedError({
      code: "upload-gone",
      detail: "This upload was aborted or ran out: create it again.",
    });
  return upload;
}

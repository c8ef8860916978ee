import { newLandingKey } from "../keys.ts";
import { uploadLifetimeMsOf } from "../limits.ts";
import type { Principal } from "../policy/principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import { unlessAborted } from "./complete-upload.ts";
import { findVisibleUpload } from "./get-upload.ts";
import type { ServicePorts } from "./ports.ts";
import { presignUpload, type UploadAnswer } from "./presign-upload.ts";

/**
 * A fresh request for an upload whose URL ran out; a multipart only has its life extended. Where other bytes than
 * declared lie under a PUT's key (a store that does not check), it gets a new key. An upload that is past pending is
 * answered as it is, without a request.
 *
 * @throws RefusedError `not-found`, `upload-gone`
 */
export async function remintUpload(
  ports: Pick<ServicePorts, "metadata" | "objects" | "clock" | "ids" | "limits">,
  principal: Principal,
  uploadId: string,
): Promise<UploadAnswer> {
  const { metadata, objects, ids, limits } = ports;
  const upload = await findVisibleUpload(ports, principal, uploadId);
  if (upload.state !== "pending") return { upload: unlessAborted(upload) };
  const there = upload.multipart ? undefined : await objects.head(upload.landingKey);
  const wrongBytes =
    there !== undefined &&
    (there.sizeBytes !== upload.sizeBytes || (there.sha256 !== undefined && there.sha256 !== upload.sha256));
  const result = await metadata.remintUpload({
    uploadId: upload.id,
    actor: { principalId: principal.id },
    uploadLifetimeMs: uploadLifetimeMsOf(limits, principal),
    urlLifetimeMs: upload.multipart ? 0 : limits.urlLifetimeSeconds * 1000,
    ...(wrongBytes ? { landingKey: newLandingKey(ids) } : {}),
  });
  if (result.outcome === "missing") throw new RefusedError(notFound);
  if (result.outcome === "not-pending") return { upload: unlessAborted(result.upload) };
  return presignUpload(ports, result.upload);
}

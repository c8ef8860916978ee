import { multipartKey } from "../keys.ts";
import { uploadLifetimeMsOf } from "../limits.ts";
import { choosePartSize, smallestPartBytes } from "../part-plan.ts";
import type { Principal } from "../policy/principal.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import { unlessAborted } from "./complete-upload.ts";
import { findVisibleUpload } from "./get-upload.ts";
import type { ServicePorts } from "./ports.ts";
import { putTombstone } from "./put-tombstone.ts";
import { remintUpload } from "./remint-upload.ts";

/**
 * Turns a pending PUT of more than 5 MiB into a multipart, for a network on which one request does not get through.
 * What its URL still brings counts for nothing: the old landing key gets a tombstone where the store enforces that,
 * and is deleted after the URL's end in any case. One that is a multipart already has its life extended.
 *
 * @throws RefusedError `not-found`, `upload-gone`, `not-multipart` for what is too small
 */
export async function turnMultipart(
  ports: Pick<ServicePorts, "metadata" | "objects" | "clock" | "ids" | "limits">,
  principal: Principal,
  uploadId: string,
): Promise<UploadRecord> {
  const upload = await findVisibleUpload(ports, principal, uploadId);
  if (upload.state !== "pending") return unlessAborted(upload);
  if (upload.multipart) return (await remintUpload(ports, principal, uploadId)).upload;
  if (upload.sizeBytes <= smallestPartBytes)
    throw new RefusedError({
      code: "not-multipart",
      detail: `Only files of more than ${smallestPartBytes} bytes can be sent in parts, and this one has ${upload.sizeBytes}.`,
    });
  const result = await ports.metadata.turnMultipart({
    uploadId: upload.id,
    actor: { principalId: principal.id },
    uploadLifetimeMs: uploadLifetimeMsOf(ports.limits, principal),
    landingKey: multipartKey(upload),
    partSizeBytes: choosePartSize(upload.sizeBytes),
  });
  if (result.outcome === "missing") throw new RefusedError(notFound);
  if (result.outcome === "turned") await putTombstone(ports, upload.landingKey);
  return unlessAborted(result.upload);
}

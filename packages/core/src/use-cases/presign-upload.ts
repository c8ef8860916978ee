import type { PresignedRequest } from "../ports/object-store.ts";
import type { UploadRecord } from "../upload.ts";
import type { ServicePorts } from "./ports.ts";

/** An upload, with the request that sends its bytes where one was minted. */
export interface UploadAnswer {
  readonly upload: UploadRecord;
  readonly request?: PresignedRequest;
}

/**
 * Signs the one PUT of a pending upload; a multipart has none. Its life was written to the row before (`urlsUntil`).
 */
export function presignUpload(
  { objects, clock, limits }: Pick<ServicePorts, "objects" | "clock" | "limits">,
  upload: UploadRecord,
): UploadAnswer {
  if (upload.state !== "pending" || upload.multipart) return { upload };
  if (upload.sha256 === undefined) throw new Error(`Upload ${upload.id} is a PUT without a SHA-256.`);
  const request = objects.presignPut({
    key: upload.landingKey,
    sizeBytes: upload.sizeBytes,
    contentType: upload.contentType,
    sha256: upload.sha256,
    expiresInSeconds: limits.urlLifetimeSeconds,
    signedAtMs: clock.nowMs(),
  });
  return { upload, request };
}

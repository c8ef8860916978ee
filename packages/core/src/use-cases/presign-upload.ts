import type { PresignedRequest } from "../ports/object-store.ts";
import type { UploadRecord } from "../upload.ts";
import type { ServicePorts } from "./ports.ts";

/** An upload, with the request that sends its bytes where one was minted. */
export interface UploadAnswer {
  readonly upload: UploadRecord;
  readonly request?: PresignedRequest;
}

/** Signs the one PUT of a pending upload. Its life was written to the row before (`urlsUntil`). */
export function presignUpload(
  { objects, clock, limits }: Pick<ServicePorts, "objects" | "clock" | "limits">,
  upload: UploadRecord,
): UploadAnswer {
  if (upload.state !== "pending") return { upload };
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

import type { Principal } from "../policy/decide-access.ts";
import type { Actor, MetadataStore } from "../ports/metadata-store.ts";
import { type ObjectStore, StoreUnavailableError } from "../ports/object-store.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import { findVisibleUpload } from "./get-upload.ts";
import type { ServicePorts } from "./ports.ts";

interface AbortPorts {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
}

/** SHA-256 of no bytes. */
const emptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * Ends a pending upload for good. Aborting twice is aborting once.
 *
 * @throws RefusedError `not-found`, `upload-not-pending`
 */
export async function abortUpload(
  ports: Pick<ServicePorts, "metadata" | "objects">,
  principal: Principal,
  uploadId: string,
): Promise<UploadRecord> {
  const upload = await findVisibleUpload(ports, principal, "delete", uploadId);
  if (upload.state === "aborted") return upload;
  const result = await ports.metadata.abortUpload({
    uploadId: upload.id,
    actor: { principalId: principal.id } satisfies Actor,
    detail: "Aborted by its owner.",
  });
  switch (result.outcome) {
    case "missing":
      throw new RefusedError(notFound);
    case "aborted":
      await closeLanding(ports, result.upload);
      return result.upload;
    case "not-expired":
    case "not-pending":
      if (result.upload.state === "aborted") return result.upload;
      throw new RefusedError({
        code: "upload-not-pending",
        detail: `The bytes have arrived and the upload is ${result.upload.state}: delete the file instead.`,
      });
  }
}

/**
 * Puts a tombstone on an aborted upload's landing key, so that a URL that still lives gets 412, and frees its
 * reservation. Where the store does not enforce that, or can't be reached, the reservation stays until the last
 * URL has ended; the sweeper frees it then.
 */
export async function closeLanding({ metadata, objects }: AbortPorts, upload: UploadRecord): Promise<void> {
  if (!objects.capabilities.enforcesIfNoneMatch) return;
  try {
    await objects.put({
      key: upload.landingKey,
      body: new Uint8Array(0),
      contentType: "application/octet-stream",
      sha256: emptySha256,
      ifAbsent: true,
    });
  } catch (error) {
    if (error instanceof StoreUnavailableError) return;
    throw error;
  }
  await metadata.releaseReservation({ uploadId: upload.id });
}

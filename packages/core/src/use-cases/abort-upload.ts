import type { Actor } from "../audit-event.ts";
import type { Principal } from "../policy/principal.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { type ObjectStore, StoreUnavailableError } from "../ports/object-store.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import { findSealedUploads } from "./albums/sealed-uploads.ts";
import { findVisibleUpload } from "./get-upload.ts";
import type { ServicePorts } from "./ports.ts";
import { putTombstone } from "./put-tombstone.ts";

interface AbortPorts {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
}

/**
 * Ends a pending upload for good. Aborting twice is aborting once.
 *
 * @throws RefusedError `not-found`, `upload-not-pending`
 */
export async function abortUpload(
  ports: Pick<ServicePorts, "metadata" | "objects" | "clock">,
  principal: Principal,
  uploadId: string,
): Promise<UploadRecord> {
  const upload = await findVisibleUpload(ports, principal, uploadId);
  if (upload.state === "aborted") return upload;
  if (await purgeSealed(ports, principal, upload)) return upload;
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
 * Deletes for good what somebody sent to an album that is sealed, and what they alone may do with it before its reveal. The shot is not given
 * back.
 *
 * @returns whether it is such an upload, its file deleted now or before
 */
async function purgeSealed(
  ports: Pick<ServicePorts, "metadata">,
  principal: Principal,
  upload: UploadRecord,
): Promise<boolean> {
  const { metadata } = ports;
  if (!mayDelete(principal)) return false;
  if (upload.state !== "ready" || !(await findSealedUploads(ports, [upload])).has(upload.id)) return false;
  for (;;) {
    const file = await metadata.findFile(upload.fileId);
    if (file?.state !== "sealed") return file === undefined;
    const { id, revision } = file;
    const actor = { principalId: principal.id };
    const { outcome } = await metadata.purgeFile({ fileId: id, revision, actor });
    if (outcome === "done" || outcome === "missing") return true;
  }
}

/** A token that its person minted to send with deletes nothing that has arrived. */
const mayDelete = ({ capability }: Principal): boolean =>
  capability?.kind !== "delegation" || capability.scopes.includes("files:write");

/**
 * Makes an aborted upload's URLs worth nothing, and frees its reservation. Where the store can't be reached, the
 * sweeper tries again until it can; where the URLs can't be ended ({@link canEndUrls}), the reservation stays until the
 * last of them has ended by itself.
 */
export async function closeLanding(ports: AbortPorts, upload: UploadRecord): Promise<void> {
  const isClosed = (await endUrls(ports, upload)) && (await canEndUrls(ports, upload));
  if (isClosed) await ports.metadata.releaseReservation({ uploadId: upload.id });
}

/**
 * Tells the store of an abort: a multipart is aborted there too, a PUT's landing key gets a tombstone.
 *
 * @returns whether the URLs minted last are dead: not where the store does not enforce that, or can't be reached
 */
export const endUrls = (ports: AbortPorts, upload: UploadRecord): Promise<boolean> =>
  upload.multipart ? abortParts(ports, upload) : putTombstone(ports, upload.landingKey);

/**
 * Whether an aborted upload's URLs can be known to be dead before their time. Not where the store does not enforce
 * If-None-Match, nor where a PUT was turned into a multipart: of its first URL nobody knows any more whether the
 * tombstone came to be.
 */
export const canEndUrls = async (ports: AbortPorts, upload: UploadRecord): Promise<boolean> =>
  upload.multipart ? !(await wasTurned(ports, upload)) : ports.objects.capabilities.enforcesIfNoneMatch;

const wasTurned = async ({ metadata }: AbortPorts, { id }: UploadRecord): Promise<boolean> =>
  (await metadata.listUploadEvents(id)).some(({ type }) => type === "in-parts");

/**
 * Aborts an upload's multipart in the store, if it has one.
 *
 * @returns whether its part URLs are dead: not where the store can't be reached
 */
export async function abortParts(
  { objects }: Pick<AbortPorts, "objects">,
  upload: UploadRecord,
): Promise<boolean> {
  const storeUploadId = upload.multipart?.storeUploadId;
  if (storeUploadId === undefined) return true;
  try {
    await objects.abortMultipartUpload({ key: upload.landingKey, storeUploadId });
    return true;
  } catch (error) {
    if (error instanceof StoreUnavailableError) return false;
    throw error;
  }
}

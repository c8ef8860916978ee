import type { Actor } from "../audit-event.ts";
import type { Principal } from "../policy/principal.ts";
import { notFound, type Refusal, RefusedError } from "../refusal.ts";
import type { UploadRecord } from "../upload.ts";
import { assembleParts } from "./assemble-parts.ts";
import { findVisibleUpload } from "./get-upload.ts";
import type { ServicePorts } from "./ports.ts";
import { bytesInWords } from "./timeline-words.ts";

type CompletePorts = Pick<ServicePorts, "metadata" | "objects" | "clock" | "wakeWorker">;

/**
 * The client says that its bytes are there; the store is asked, never the client believed. Idempotent: an upload
 * that is past pending is answered as it is.
 *
 * @param sha256 of the whole file (lower-case hex), where it was not declared before
 * @throws RefusedError `not-found`, `bytes-missing`, `parts-missing`, `sha256-conflict`, `upload-gone`
 */
export async function completeUpload(
  ports: CompletePorts,
  principal: Principal,
  uploadId: string,
  sha256?: string,
): Promise<UploadRecord> {
  const upload = await findVisibleUpload(ports, principal, uploadId);
  return completeArrived(ports, upload, { principalId: principal.id }, sha256);
}

/**
 * The one way in which an upload becomes `uploaded`, whoever noticed: the client, the store's event, the sweeper.
 *
 * @throws RefusedError `bytes-missing`, `parts-missing`, `sha256-conflict`, `upload-gone`
 */
export async function completeArrived(
  ports: CompletePorts,
  upload: UploadRecord,
  actor: Actor,
  sha256?: string,
): Promise<UploadRecord> {
  unlessAborted(upload);
  if (sha256 !== undefined && upload.sha256 !== undefined && upload.sha256 !== sha256)
    throw new RefusedError(sha256Conflict);
  if (upload.state !== "pending") return upload;
  const { multipart } = upload;
  if (!multipart) await assertArrived(ports, upload);
  else {
    const ended = await assembleUnlessEnded(ports, { ...upload, multipart });
    if (ended) return unlessAborted(ended);
  }
  const result = await ports.metadata.completeUpload({
    uploadId: upload.id,
    actor,
    landingKey: upload.landingKey,
    ...(actor === "system" ? { detail: unsaidInWords(upload) } : {}),
    ...(sha256 === undefined ? {} : { sha256 }),
  });
  switch (result.outcome) {
    case "missing":
      throw new RefusedError(notFound);
    case "moved":
      return completeArrived(ports, result.upload, actor, sha256);
    case "sha256-conflict":
      throw new RefusedError(sha256Conflict);
    case "completed":
      ports.wakeWorker();
      return result.upload;
    case "not-pending":
      // An abort came between: what was joined after it is no landing object that waits to be deleted.
      if (multipart && result.upload.state === "aborted") await ports.objects.delete(upload.landingKey);
      return unlessAborted(result.upload);
  }
}

const unsaidInWords = ({ sizeBytes }: UploadRecord): string =>
  `The storage has all ${bytesInWords(sizeBytes)}, though nobody said so; waiting to be checked.`;

/**
 * Has the parts joined. An abort, or another completion and its verdict, may take them away meanwhile: then nothing is
 * missing.
 *
 * @returns the upload as it is now, where it is no longer pending
 * @throws RefusedError `parts-missing`
 */
async function assembleUnlessEnded(
  ports: CompletePorts,
  upload: Parameters<typeof assembleParts>[1],
): Promise<UploadRecord | undefined> {
  try {
    await assembleParts(ports, upload);
    return undefined;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const now = await ports.metadata.findUpload(upload.id);
    if (now === undefined || now.state === "pending") throw error;
    return now;
  }
}

const sha256Conflict: Refusal = {
  code: "sha256-conflict",
  member: "sha256",
  detail: "Another SHA-256 was declared for this file before: is it the same file?",
};

/** @throws RefusedError `bytes-missing` */
async function assertArrived({ objects }: CompletePorts, upload: UploadRecord): Promise<void> {
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

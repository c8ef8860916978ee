import { uploadLifetimeMsOf } from "../limits.ts";
import { countParts, sizeOfPart } from "../part-plan.ts";
import type { Principal } from "../policy/principal.ts";
import type { PresignedRequest } from "../ports/object-store.ts";
import { notFound, RefusedError } from "../refusal.ts";
import type { DeclaredPart, UploadRecord } from "../upload.ts";
import { unlessAborted } from "./complete-upload.ts";
import { ensureBegun } from "./ensure-begun.ts";
import { findVisibleUpload } from "./get-upload.ts";
import type { ServicePorts } from "./ports.ts";

/** An upload, with the requests that send its parts where some were minted. */
export interface PartsAnswer {
  readonly upload: UploadRecord;
  /** In the order asked. */
  readonly requests?: readonly (PresignedRequest & { readonly partNumber: number })[];
}

/** Rounds in which the store's id may be forgotten between being begun and being used. */
const maxRounds = 3;

/**
 * Requests for parts that are about to be sent, each good for exactly the bytes that were declared. The first one
 * begins the multipart upload in the store. An upload that is past pending is answered as it is, without requests.
 *
 * @throws RefusedError `not-found`, `upload-gone`, `not-multipart`; `validation-failed` for a part that it has not
 */
export async function mintParts(
  ports: Pick<ServicePorts, "metadata" | "objects" | "clock" | "limits">,
  principal: Principal,
  uploadId: string,
  parts: readonly DeclaredPart[],
): Promise<PartsAnswer> {
  const { metadata, limits } = ports;
  const actor = { principalId: principal.id };
  let upload = await findVisibleUpload(ports, principal, uploadId);
  for (let round = 1; ; round += 1) {
    if (upload.state !== "pending") return { upload: unlessAborted(upload) };
    assertParts(upload, parts);
    upload = await ensureBegun(ports, upload, actor);
    if (upload.state !== "pending") return { upload: unlessAborted(upload) };
    const result = await metadata.mintParts({
      uploadId: upload.id,
      actor,
      uploadLifetimeMs: uploadLifetimeMsOf(limits, principal),
      urlLifetimeMs: limits.urlLifetimeSeconds * 1000,
      parts,
    });
    if (result.outcome === "missing") throw new RefusedError(notFound);
    if (result.outcome === "minted") return presignParts(ports, result.upload, parts);
    if (result.outcome === "not-begun" && round === maxRounds)
      throw new Error("The store forgot the multipart upload each time that it was begun.");
    upload = result.upload;
  }
}

function assertParts(upload: UploadRecord, parts: readonly DeclaredPart[]): void {
  if (!upload.multipart) throw new RefusedError(notMultipart);
  const partCount = countParts({ ...upload, ...upload.multipart });
  const beyond = parts.findIndex(({ partNumber }) => partNumber < 1 || partNumber > partCount);
  if (beyond >= 0)
    throw new RefusedError({
      code: "validation-failed",
      member: `parts/${beyond}/partNumber`,
      detail: `This upload's parts are numbered 1 to ${partCount}.`,
    });
}

const notMultipart = {
  code: "not-multipart",
  detail: 'This upload is sent in a single PUT: ask for {} instead, or turn it with {"as": "multipart"}.',
} as const;

function presignParts(
  { objects, clock, limits }: Pick<ServicePorts, "objects" | "clock" | "limits">,
  upload: UploadRecord,
  parts: readonly DeclaredPart[],
): PartsAnswer {
  const { multipart } = upload;
  const storeUploadId = multipart?.storeUploadId;
  if (!multipart || storeUploadId === undefined) throw new Error("Parts were minted of no multipart.");
  const requests = parts.map(({ partNumber, sha256 }) => ({
    partNumber,
    ...objects.presignPart({
      key: upload.landingKey,
      storeUploadId,
      partNumber,
      sizeBytes: sizeOfPart({ ...upload, ...multipart }, partNumber),
      sha256,
      expiresInSeconds: limits.urlLifetimeSeconds,
      signedAtMs: clock.nowMs(),
    }),
  }));
  return { upload, requests };
}

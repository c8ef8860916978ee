import type { Principal } from "../policy/principal.ts";
import type { StoredPart } from "../ports/object-store.ts";
import { findVisibleUpload } from "./get-upload.ts";
import type { ServicePorts } from "./ports.ts";

/**
 * What the store has of a pending multipart, by number: for whoever goes on with an upload that was begun elsewhere.
 * A part's digest is the one that the store checked, else what was last declared of it. Empty for a single PUT, before
 * the first parts were asked for, and past pending.
 *
 * @throws RefusedError `not-found`
 */
export async function listParts(
  ports: Pick<ServicePorts, "metadata" | "objects" | "clock">,
  principal: Principal,
  uploadId: string,
): Promise<readonly StoredPart[]> {
  const { state, landingKey, multipart, id } = await findVisibleUpload(ports, principal, uploadId);
  const storeUploadId = multipart?.storeUploadId;
  if (state !== "pending" || storeUploadId === undefined) return [];
  const [stored, declared] = await Promise.all([
    ports.objects.listParts({ key: landingKey, storeUploadId }),
    ports.metadata.listDeclaredParts(id),
  ]);
  const digests = new Map(declared.map(({ partNumber, sha256 }) => [partNumber, sha256]));
  return (stored ?? []).map((part) => {
    const sha256 = part.sha256 ?? digests.get(part.partNumber);
    return { ...part, ...(sha256 === undefined ? {} : { sha256 }) };
  });
}

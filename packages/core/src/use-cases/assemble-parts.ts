import { countParts, sizeOfPart } from "../part-plan.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import type { ObjectStore, StoredPart } from "../ports/object-store.ts";
import { type Refusal, RefusedError } from "../refusal.ts";
import type { DeclaredPart, MultipartTransfer, UploadRecord } from "../upload.ts";

interface AssemblePorts {
  readonly metadata: MetadataStore;
  readonly objects: ObjectStore;
}

type MultipartUpload = UploadRecord & { readonly multipart: MultipartTransfer };

/** A part may be sent again between being listed and being joined, this often. */
const maxRounds = 5;

/** Most missing parts that a refusal names. */
const maxNamedParts = 1000;

/**
 * Sees to it that a pending multipart's object is there, whole: lists what the store has, and has it joined. Where
 * another was faster, or an earlier attempt died between the store and the row, the object under the key says so.
 *
 * @throws RefusedError `parts-missing`, with the numbers of those that are not there as they were declared
 */
export async function assembleParts(ports: AssemblePorts, upload: MultipartUpload): Promise<void> {
  const { metadata, objects } = ports;
  const key = upload.landingKey;
  const { storeUploadId } = upload.multipart;
  if (storeUploadId === undefined) throw new RefusedError(partsMissing(allParts(upload)));
  for (let round = 0; round < maxRounds; round += 1) {
    const [stored, declared] = await Promise.all([
      objects.listParts({ key, storeUploadId }),
      metadata.listDeclaredParts(upload.id),
    ]);
    if (stored === undefined) return assertWhole(ports, upload, storeUploadId);
    const { parts, missing } = compareParts(upload, stored, declared);
    if (missing.length > 0) {
      // Another completion may have joined them meanwhile: a store that ends an upload lists ever fewer of its parts.
      if (await isWhole(ports, upload)) return;
      throw new RefusedError(partsMissing(missing));
    }
    switch (await objects.completeMultipartUpload({ key, storeUploadId, parts })) {
      case "completed":
        return;
      case "missing":
        return assertWhole(ports, upload, storeUploadId);
      case "exists":
        await assertWhole(ports, upload, storeUploadId);
        return objects.abortMultipartUpload({ key, storeUploadId });
      case "changed":
    }
  }
  throw new RefusedError({
    code: "parts-missing",
    detail: "Parts are being sent again while the upload is completed: complete it when all have arrived.",
    missingParts: [],
  });
}

const allParts = (upload: MultipartUpload): number[] =>
  Array.from({ length: countParts({ ...upload, ...upload.multipart }) }, (_, index) => index + 1);

/** The parts that are to be joined, and the numbers of those that are not there with size and digest as they must be. */
function compareParts(
  upload: MultipartUpload,
  stored: readonly StoredPart[],
  declared: readonly DeclaredPart[],
): { readonly parts: StoredPart[]; readonly missing: number[] } {
  const plan = { ...upload, ...upload.multipart };
  const there = new Map(stored.map((part) => [part.partNumber, part]));
  const digests = new Map(declared.map(({ partNumber, sha256 }) => [partNumber, sha256]));
  const parts: StoredPart[] = [];
  const missing: number[] = [];
  for (const partNumber of allParts(upload)) {
    const part = there.get(partNumber);
    const digest = digests.get(partNumber);
    if (
      part === undefined ||
      digest === undefined ||
      part.sizeBytes !== sizeOfPart(plan, partNumber) ||
      (part.sha256 !== undefined && part.sha256 !== digest)
    )
      missing.push(partNumber);
    else parts.push(part);
  }
  return { parts, missing };
}

const isWhole = async ({ objects }: AssemblePorts, upload: MultipartUpload): Promise<boolean> =>
  (await objects.head(upload.landingKey))?.sizeBytes === upload.sizeBytes;

/** The store no longer has the multipart, or has an object already: it is ours if it is as large as declared. */
async function assertWhole(
  { metadata, objects }: AssemblePorts,
  upload: MultipartUpload,
  storeUploadId: string,
): Promise<void> {
  const there = await objects.head(upload.landingKey);
  if (there?.sizeBytes === upload.sizeBytes) return;
  // A lifecycle rule of the store's may have removed it: the next parts begin another.
  if (!there) await metadata.forgetMultipart({ uploadId: upload.id, storeUploadId });
  throw new RefusedError(partsMissing(allParts(upload)));
}

function partsMissing(missing: readonly number[]): Refusal {
  const named = missing.slice(0, 5).join(", ");
  const more = missing.length > 5 ? ` and ${missing.length - 5} more` : "";
  const which = missing.length === 1 ? `part ${named}` : `parts ${named}${more}`;
  return {
    code: "parts-missing",
    detail: `The store does not have ${which} as declared: send them, then complete.`,
    missingParts: missing.slice(0, maxNamedParts),
  };
}

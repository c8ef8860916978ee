import type { MetadataStore } from "../ports/metadata-store.ts";
import type { PrincipalRecord } from "../principal.ts";
import type { UploadRecord } from "../upload.ts";
import { findSealedUploads } from "./albums/sealed-uploads.ts";

/**
 * What is known of a person beside their files, for themselves: as JSON. Times are RFC 3339. Of what they sent to an album that is sealed no
 * more is told than anywhere else: that there is an upload, and its state.
 */
export async function describeAccount(
  metadata: MetadataStore,
  person: PrincipalRecord,
): Promise<Readonly<Record<string, unknown>>> {
  const uploads: UploadRecord[] = [];
  for (;;) {
    const last = uploads.at(-1);
    const page = await metadata.listUploads({
      ownerId: person.id,
      limit: 200,
      ...(last ? { after: { createdAtMs: last.createdAtMs, id: last.id } } : {}),
    });
    uploads.push(...page);
    if (page.length < 200) break;
  }
  const sealed = new Set<string>();
  for (let from = 0; from < uploads.length; from += 200)
    for (const uploadId of await findSealedUploads({ metadata }, uploads.slice(from, from + 200)))
      sealed.add(uploadId);
  const { id, issuer, subject, email, name, organisation, usedBytes, createdAtMs } = person;
  return {
    id,
    issuer,
    subject,
    email,
    name,
    organisation,
    usedBytes,
    createdAt: timeOf(createdAtMs),
    uploads: uploads.map((upload) =>
      sealed.has(upload.id) ? { id: upload.id, state: upload.state } : describeUpload(upload),
    ),
  };
}

const describeUpload = (upload: UploadRecord): object => ({
  id: upload.id,
  fileId: upload.fileId,
  name: upload.name,
  state: upload.state,
  sizeBytes: upload.sizeBytes,
  contentType: upload.contentType,
  metadata: upload.metadata,
  createdAt: timeOf(upload.createdAtMs),
});

const timeOf = (atMs: number): string => new Date(atMs).toISOString();

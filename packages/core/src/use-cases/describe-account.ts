import type { MetadataStore } from "../ports/metadata-store.ts";
import type { PrincipalRecord } from "../principal.ts";
import type { UploadRecord } from "../upload.ts";

/** What is known of a person beside their files, for themselves: as JSON. Times are RFC 3339. */
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
    uploads: uploads.map((upload) => ({
      id: upload.id,
      fileId: upload.fileId,
      name: upload.name,
      state: upload.state,
      sizeBytes: upload.sizeBytes,
      contentType: upload.contentType,
      metadata: upload.metadata,
      createdAt: timeOf(upload.createdAtMs),
    })),
  };
}

const timeOf = (atMs: number): string => new Date(atMs).toISOString();

import type { VersionFacts } from "@stowage/core";
import { type ApiUnderTest, intentOf } from "./api.testing.ts";

/** A file as a worker would leave it, its bytes not looked at. */
export async function makeReadyFile(
  api: ApiUnderTest,
  headers: { readonly authorization: string },
  o: {
    readonly name?: string;
    /** What else a client says of it. */
    readonly intent?: Readonly<Record<string, unknown>>;
    readonly facts?: Partial<VersionFacts>;
  } = {},
): Promise<{ readonly fileId: string; readonly uploadId: string }> {
  const { name = "a.jpg" } = o;
  const payload = { files: [{ ...intentOf(Buffer.from(name), name), ...o.intent }] };
  const created = await api.server.inject({ method: "POST", url: "/v1/uploads", headers, payload });
  const { id: uploadId, fileId } = created.json().items[0].upload;
  const { metadata } = api.services;
  await metadata.completeUpload({ uploadId, actor: "system" });
  const claimed = await metadata.claimUpload({ leaseMs: 1000 });
  if (!claimed || claimed.id !== uploadId) throw new Error("Another upload waited.");
  const facts: VersionFacts = {
    key: `files/${uploadId}/1/original`,
    sizeBytes: 1,
    sha256: "ab".repeat(32),
    contentType: "image/jpeg",
    derivatives: [],
    ...o.facts,
  };
  const result = { kind: "ready", detail: "", facts } as const;
  await metadata.finishUpload({ uploadId, attempt: claimed.attempt, result, dooms: [] });
  api.advance(1);
  return { fileId, uploadId };
}

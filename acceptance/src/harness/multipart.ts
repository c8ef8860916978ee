import assert from "node:assert/strict";
import type { Api } from "./api-client.ts";
import { sendBytes, sha256Of } from "./transfer.ts";
import { createUpload, type Intent, intentOf } from "./upload.ts";
import type { PresignedRequest, StoredPart, Upload, UrlsAnswer } from "./wire.ts";

/** One part of a file, as its sender has it. */
export interface Part {
  readonly partNumber: number;
  readonly bytes: Uint8Array;
}

export interface Multipart {
  readonly upload: Upload;
  readonly parts: readonly Part[];
}

/** What an honest client says of a video that it won't hash before it sends it. */
export function videoIntentOf(bytes: Uint8Array, over: Partial<Intent> = {}): Intent {
  const { sha256: _, ...intent } = intentOf(bytes, { name: "film.mp4", contentType: "video/mp4" });
  return { ...intent, ...over };
}

/** Cuts a file as the upload's transfer says. */
export function cutParts(upload: Upload, bytes: Uint8Array): Part[] {
  const { kind, partSizeBytes = 0, partCount = 0 } = upload.transfer ?? {};
  assert.equal(kind, "multipart", JSON.stringify(upload));
  const parts = Array.from({ length: partCount }, (_, index) => ({
    partNumber: index + 1,
    bytes: bytes.subarray(index * partSizeBytes, (index + 1) * partSizeBytes),
  }));
  assert.equal(
    parts.reduce((sum, part) => sum + part.bytes.length, 0),
    bytes.length,
    "the parts make up the file",
  );
  return parts;
}

export async function createMultipart(
  api: Api,
  bytes: Uint8Array,
  over: Partial<Intent> = {},
): Promise<Multipart> {
  const upload = await createUpload(api, videoIntentOf(bytes, over));
  return { upload, parts: cutParts(upload, bytes) };
}

/** Requests for these parts, in their order. */
export async function mintParts(
  api: Api,
  uploadId: string,
  parts: readonly Part[],
): Promise<readonly PresignedRequest[]> {
  const declared = parts.map(({ partNumber, bytes }) => ({ partNumber, sha256: sha256Of(bytes) }));
  const answer = await api.post<UrlsAnswer>(`/v1/uploads/${uploadId}/urls`, { parts: declared });
  assert.equal(answer.status, 200, answer.text.slice(0, 500));
  assert.deepEqual(
    answer.body.requests?.map(({ partNumber }) => partNumber),
    declared.map(({ partNumber }) => partNumber),
    answer.text.slice(0, 500),
  );
  return answer.body.requests ?? [];
}

export async function mintPart(api: Api, uploadId: string, part: Part): Promise<PresignedRequest> {
  const [request] = await mintParts(api, uploadId, [part]);
  assert.ok(request);
  return request;
}

/** Mints and sends these parts, in this order. */
export async function sendParts(api: Api, uploadId: string, parts: readonly Part[]): Promise<void> {
  for (const [index, request] of (await mintParts(api, uploadId, parts)).entries()) {
    const answer = await sendBytes(request, parts[index]?.bytes ?? new Uint8Array());
    assert.equal(answer.status, 200, answer.bytes.toString("utf8"));
    assert.ok(answer.headers.get("etag"));
  }
}

export async function listParts(api: Api, uploadId: string): Promise<readonly StoredPart[]> {
  const answer = await api.get<{ readonly items: readonly StoredPart[] }>(`/v1/uploads/${uploadId}/parts`);
  assert.equal(answer.status, 200, answer.text.slice(0, 500));
  return answer.body.items;
}

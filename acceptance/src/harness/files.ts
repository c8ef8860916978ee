import assert from "node:assert/strict";
import type { Api } from "./api-client.ts";
import { fetchBytes, type StoreAnswer } from "./transfer.ts";
import type { DownloadsAnswer, Me, Page, PresignedRequest, StoredFile } from "./wire.ts";

export async function getFile(api: Api, fileId: string): Promise<StoredFile> {
  const answer = await api.get<StoredFile | { file: StoredFile }>(`/v1/files/${fileId}`);
  assert.equal(answer.status, 200, answer.text.slice(0, 500));
  return "file" in answer.body ? answer.body.file : answer.body;
}

export async function getMe(api: Api): Promise<Me> {
  const answer = await api.get<Me>("/v1/me");
  assert.equal(answer.status, 200, answer.text.slice(0, 500));
  return answer.body;
}

/** Every page of a list, followed to its end. */
export async function listAll<T>(api: Api, path: string, limit = 200): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query: string = new URLSearchParams({
      limit: String(limit),
      ...(cursor === "" ? {} : { cursor }),
    }).toString();
    const page = await api.get<Page<T>>(`${path}${path.includes("?") ? "&" : "?"}${query}`);
    assert.equal(page.status, 200, page.text.slice(0, 500));
    assert.ok(page.body.items.length <= limit, "a page is longer than its limit");
    items.push(...page.body.items);
    cursor = page.body.nextCursor;
  }
  return items;
}

/** A presigned GET of one file; fails where it is refused. */
export async function mintDownload(
  api: Api,
  fileId: string,
  options: {
    readonly version?: number;
    readonly derivative?: string;
    readonly disposition?: string;
  } = {},
): Promise<PresignedRequest> {
  const answer = await api.post<DownloadsAnswer>("/v1/downloads", { files: [{ id: fileId, ...options }] });
  assert.ok(answer.status < 300, answer.text.slice(0, 500));
  const request = answer.body.items[0]?.request;
  assert.ok(request, answer.text.slice(0, 500));
  return request;
}

/** The original, as its owner downloads it. */
export async function downloadOriginal(api: Api, fileId: string): Promise<StoreAnswer> {
  const stored = await fetchBytes(await mintDownload(api, fileId));
  assert.equal(stored.status, 200, stored.bytes.subarray(0, 500).toString("utf8"));
  return stored;
}

/** Deletes with the file's current ETag. */
export async function deleteFile(api: Api, fileId: string, query = ""): Promise<void> {
  const etag = (await api.get(`/v1/files/${fileId}`)).headers.get("etag") ?? "";
  const answer = await api.delete(`/v1/files/${fileId}${query}`, { "if-match": etag });
  assert.ok(answer.status === 200 || answer.status === 204, `${answer.status} ${answer.text.slice(0, 500)}`);
}

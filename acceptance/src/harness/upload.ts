import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Api } from "./api-client.ts";
import { putRequestOf, sendBytes, sha256Of } from "./transfer.ts";
import { type WaitOptions, waitFor } from "./wait-for.ts";
import type { CreateAnswer, Page, Upload, UploadAnswer } from "./wire.ts";

export interface Intent {
  readonly ref?: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** May be left out where the file is sent in parts. */
  readonly sha256?: string;
  readonly profile?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly replaces?: { readonly fileId: string; readonly version: number };
  readonly visibility?: "private" | "organisation" | "public";
  readonly albumId?: string;
}

/** What an honest client says of these bytes. */
export function intentOf(bytes: Uint8Array, over: Partial<Intent> = {}): Intent {
  return {
    ref: randomUUID(),
    name: "picture.png",
    sizeBytes: bytes.length,
    contentType: "image/png",
    sha256: sha256Of(bytes),
    ...over,
  };
}

/** What a client says of bytes that nobody will ever send. */
export function emptyPromise(sizeBytes: number, over: Partial<Intent> = {}): Intent {
  const id = randomUUID();
  return {
    ref: id,
    name: "promise.png",
    sizeBytes,
    contentType: "image/png",
    sha256: sha256Of(Buffer.from(id)),
    ...over,
  };
}

/** Creates one upload that must succeed. */
export async function createUpload(api: Api, intent: Intent): Promise<Upload> {
  const answer = await api.post<CreateAnswer>("/v1/uploads", { files: [intent] });
  assert.equal(answer.status, 201, answer.text.slice(0, 500));
  assert.equal(answer.body.items.length, 1);
  const upload = answer.body.items[0]?.upload;
  assert.ok(upload, answer.text.slice(0, 500));
  return upload;
}

/** Creates one upload and sends its bytes, without saying so. */
export async function sendUpload(api: Api, bytes: Uint8Array, over: Partial<Intent> = {}): Promise<Upload> {
  const upload = await createUpload(api, intentOf(bytes, over));
  const stored = await sendBytes(putRequestOf(upload), bytes);
  assert.equal(stored.status, 200, stored.bytes.toString("utf8"));
  return upload;
}

export async function completeUpload(api: Api, uploadId: string): Promise<Upload> {
  const answer = await api.send<UploadAnswer>("POST", `/v1/uploads/${uploadId}/complete`);
  assert.equal(answer.status, 202, answer.text.slice(0, 500));
  return answer.body.upload;
}

const endedStates: ReadonlySet<string> = new Set(["ready", "rejected", "aborted"]);

export const isEnded = (upload: Upload): boolean => endedStates.has(upload.state);

export async function getUpload(api: Api, uploadId: string): Promise<Upload> {
  const answer = await api.get<Upload | UploadAnswer>(`/v1/uploads/${uploadId}`);
  assert.equal(answer.status, 200, answer.text.slice(0, 500));
  return "upload" in answer.body ? answer.body.upload : answer.body;
}

/** Waits until an upload is `ready`, `rejected` or `aborted`. */
export const waitForEnd = (api: Api, uploadId: string, options?: WaitOptions): Promise<Upload> =>
  waitFor(
    `upload ${uploadId} to end`,
    async () => {
      const upload = await getUpload(api, uploadId);
      return isEnded(upload) && upload;
    },
    options,
  );

/** Waits until all of these have ended; answers them in the order of the ids. */
export async function waitForEnds(
  api: Api,
  uploadIds: readonly string[],
  options: WaitOptions = { timeoutMs: 120_000, everyMs: 150 },
): Promise<Upload[]> {
  const ended = new Map<string, Upload>();
  await waitFor(
    `${uploadIds.length} uploads to end`,
    async () => {
      const open = uploadIds.filter((id) => !ended.has(id)).slice(0, 50);
      const query = new URLSearchParams({ ids: open.join(","), limit: "200" });
      const page = await api.get<Page<Upload>>(`/v1/uploads?${query}`);
      assert.equal(page.status, 200, page.text.slice(0, 500));
      for (const upload of page.body.items) if (isEnded(upload)) ended.set(upload.id, upload);
      return ended.size === new Set(uploadIds).size;
    },
    options,
  );
  return uploadIds.map((id) => {
    const upload = ended.get(id);
    if (upload === undefined) throw new Error(`Upload ${id} is missing from the list.`);
    return upload;
  });
}

/** The whole way: create, send, complete, wait for the end. */
export async function uploadToEnd(
  api: Api,
  bytes: Uint8Array,
  over: Partial<Intent> = {},
  wait?: WaitOptions,
): Promise<Upload> {
  const upload = await sendUpload(api, bytes, over);
  await completeUpload(api, upload.id);
  return waitForEnd(api, upload.id, wait);
}

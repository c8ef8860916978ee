import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Api } from "../harness/api-client.ts";
import { makePng } from "../harness/images.ts";
import { cutParts, listParts } from "../harness/multipart.ts";
import { type Patience, transferPatiently } from "../harness/patient-client.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import { putRequestOf, sha256Of } from "../harness/transfer.ts";
import { createUpload, getUpload, type Intent, intentOf } from "../harness/upload.ts";
import { makeVideo } from "../harness/videos.ts";
import type { Upload, UploadAnswer, UrlsAnswer } from "../harness/wire.ts";

/** What a client remembers of one file that it sends. */
export interface Sending {
  readonly intent: Intent;
  readonly bytes: Buffer;
  /** What the bytes are in truth. */
  readonly isGood: boolean;
  readonly uploadId: string;
  readonly fileId: string;
  /** The bucket answered 200 to all of its bytes, or the API 202 to its complete: it may not be lost any more. */
  isAcknowledged: boolean;
  /** The API answered that it is aborted. */
  isAborted: boolean;
}

export interface Client {
  readonly api: Api;
  readonly patience: Patience;
  readonly random: SeededRandom;
}

/** Over 8 MiB, the size of a part: two of them. */
const videoBytes = 9_000_000;

type Kind = "photo" | "junk" | "video";

async function makeBytes(kind: Kind): Promise<Buffer> {
  if (kind === "photo") return makePng({ width: 120, height: 90 });
  return kind === "video" ? makeVideo(videoBytes) : Buffer.from(`no picture ${randomUUID()}`);
}

/**
 * One file's way as far as it is to go, whatever dies meanwhile: announced, sent, and then completed, left unsaid (the
 * store's event or the sweeper finds it) or aborted.
 */
export async function sendOne(
  client: Client,
  kind: Kind,
  end: "complete" | "unsaid" | "abort",
  replaces?: Intent["replaces"],
): Promise<Sending> {
  const { api, random } = client;
  const bytes = await makeBytes(kind);
  const intent = intentOf(bytes, {
    ...(kind === "video" ? { name: "film.mp4", contentType: "video/mp4" } : {}),
    ...(replaces ? { replaces } : {}),
  });
  const { id, fileId, ...created } = await createUpload(api, intent);
  assert.equal(created.state, "pending");
  const isGood = kind !== "junk";
  const sending: Sending = {
    intent,
    bytes,
    isGood,
    uploadId: id,
    fileId,
    isAcknowledged: false,
    isAborted: false,
  };
  if (end === "abort" && random.next() < 0.5) {
    await abort(client, sending);
    return sending;
  }
  if (kind === "video") await sendInParts(client, sending);
  else await put(client, sending, { id, fileId, ...created });
  // Of parts, joined only once it says so, nothing was acknowledged as a whole.
  if (kind !== "video") sending.isAcknowledged = true;
  if (end === "abort") await abort(client, sending);
  else if (end === "complete" || kind === "video") await complete(client, sending);
  return sending;
}

async function put({ api, patience }: Client, { uploadId, bytes }: Sending, created: Upload): Promise<void> {
  for (let request = putRequestOf(created); ; ) {
    const { status, bytes: said } = await transferPatiently(request, patience, bytes);
    // 412: the answer of the first try was lost, the bytes were not.
    if (status === 200 || status === 412) return;
    assert.equal(status, 403, `the PUT was answered ${status}: ${said.toString("utf8")}`);
    const minted = await api.post<UrlsAnswer>(`/v1/uploads/${uploadId}/urls`);
    assert.equal(minted.status, 200, minted.text);
    // Past pending: the bytes were there, and the sweeper has seen them.
    if (minted.body.upload.state !== "pending") return;
    request = putRequestOf(minted.body.upload);
  }
}

async function sendInParts({ api, patience }: Client, { uploadId, bytes }: Sending): Promise<void> {
  const path = `/v1/uploads/${uploadId}/urls`;
  const turned = await api.post<UrlsAnswer>(path, { as: "multipart" });
  assert.equal(turned.status, 200, turned.text);
  const parts = cutParts(turned.body.upload, bytes);
  for (;;) {
    const there = new Set((await listParts(api, uploadId)).map(({ partNumber }) => partNumber));
    const missing = parts.filter(({ partNumber }) => !there.has(partNumber));
    if (missing.length === 0) return;
    for (const part of missing) {
      const declared = { partNumber: part.partNumber, sha256: sha256Of(part.bytes) };
      const minted = await api.post<UrlsAnswer>(path, { parts: [declared] });
      assert.equal(minted.status, 200, minted.text);
      const [request] = minted.body.requests ?? [];
      // Past pending: all parts were there, and the sweeper has seen them.
      if (request === undefined) return;
      const { status, bytes: said } = await transferPatiently(request, patience, part.bytes);
      // 403: it ran out; 404: the sweeper has joined them. The next look at the list tells.
      assert.ok([200, 403, 404].includes(status), `a part was answered ${status}: ${said.toString("utf8")}`);
      if (status === 404) return;
    }
  }
}

async function complete({ api }: Client, sending: Sending): Promise<void> {
  const answer = await api.send<UploadAnswer>("POST", `/v1/uploads/${sending.uploadId}/complete`);
  // All bytes were answered with 200: that some are missing is a loss.
  assert.equal(answer.status, 202, `complete after every byte was stored: ${answer.text.slice(0, 500)}`);
  sending.isAcknowledged = true;
}

async function abort({ api }: Client, sending: Sending): Promise<void> {
  const answer = await api.delete(`/v1/uploads/${sending.uploadId}`);
  if (answer.status === 200 || answer.status === 204) {
    sending.isAborted = true;
    return;
  }
  // The store's event or the sweeper was faster than the client.
  assert.equal(answer.status, 409, answer.text);
  const { state } = await getUpload(api, sending.uploadId);
  assert.ok(!["pending", "aborted"].includes(state), `it can't be aborted, and is ${state}`);
  sending.isAcknowledged = true;
}

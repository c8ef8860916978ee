import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { crc32, deflateSync } from "node:zlib";
import type {
  CreateUploadsResponse,
  FileIntent,
  Me,
  Problem,
  Transfer,
  Upload,
  WireRequest,
} from "@stowage/protocol";

export interface Asked<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

const connectionRetryMs = 50;

/** One request to an API process. Whatever is 500 and above is a failure, but a 503 that says when to come again. */
export async function ask<T>(
  origin: string,
  token: string,
  method: string,
  path: string,
  json?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Asked<T>> {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  const what = `${method} ${path} answered ${response.status}: ${text.slice(0, 400)}`;
  if (response.status === 503) assert.match(response.headers.get("retry-after") ?? "", /^[1-9]\d*$/, what);
  else assert.ok(response.status < 500, what);
  return {
    status: response.status,
    headers: response.headers,
    body: (text ? JSON.parse(text) : undefined) as T,
  };
}

/** The same, again after each 503, for as long as `giveUpAfterMs`. */
export async function askPatiently<T>(
  origin: string,
  token: string,
  method: string,
  path: string,
  options: {
    readonly json?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
    readonly giveUpAfterMs?: number;
    onLater?(): void;
  } = {},
): Promise<Asked<T>> {
  const giveUpAtMs = performance.now() + (options.giveUpAfterMs ?? 60_000);
  for (;;) {
    const answer = await ask<T>(origin, token, method, path, options.json, options.headers);
    if (answer.status !== 503 || performance.now() > giveUpAtMs) return answer;
    options.onLater?.();
    await delay(Number(answer.headers.get("retry-after")) * 1000 || connectionRetryMs);
  }
}

const pngChunk = (type: string, data: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
};

/** A grey picture of noise, other bytes each time; about as many bytes as it has pixels. */
export function makePicture(width = 40, height = 30): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const rows = Array.from({ length: height }, () => Buffer.concat([Buffer.of(0), randomBytes(width)]));
  return Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    pngChunk("IHDR", head),
    pngChunk("IDAT", deflateSync(Buffer.concat(rows))),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export const intentOf = (bytes: Uint8Array): FileIntent & { readonly ref: string } => ({
  ref: randomUUID(),
  name: "picture.png",
  sizeBytes: bytes.length,
  contentType: "image/png",
  sha256: sha256Of(bytes),
});

/** What a client says of bytes that nobody will send. */
export const promiseOf = (sizeBytes: number): FileIntent & { readonly ref: string } => ({
  ...intentOf(randomBytes(16)),
  sizeBytes,
});

export interface Created {
  readonly status: number;
  readonly upload?: Upload;
  readonly problem?: Problem;
}

/** Creates one upload, or is refused. */
export async function createOne(origin: string, token: string, intent: FileIntent): Promise<Created> {
  const { status, body } = await ask<CreateUploadsResponse & Problem>(origin, token, "POST", "/v1/uploads", {
    files: [intent],
  });
  const [item] = body.items ?? [];
  if (item?.upload && "ref" in item.upload) return { status, upload: item.upload };
  return { status, problem: item?.problem ?? body };
}

/** The presigned PUT that a pending upload came with. */
export function putRequestOf(upload: Upload): WireRequest {
  const transfer: Transfer | undefined = upload.transfer;
  if (transfer?.kind !== "put" || transfer.request === undefined)
    throw new Error(`Upload ${upload.id} (${upload.state}) came without a request.`);
  return transfer.request;
}

export async function send({ method, url, headers }: WireRequest, bytes: Uint8Array): Promise<number> {
  const response = await fetch(url, { method, headers, body: Uint8Array.from(bytes) });
  await response.arrayBuffer();
  return response.status;
}

export const getMe = async (origin: string, token: string): Promise<Me> =>
  (await askPatiently<Me>(origin, token, "GET", "/v1/me")).body;

export const getUpload = async (origin: string, token: string, id: string): Promise<Upload> =>
  (await askPatiently<Upload>(origin, token, "GET", `/v1/uploads/${id}`)).body;

export const isEnded = ({ state }: Upload): boolean => ["ready", "rejected", "aborted"].includes(state);

/** Looks again until there is something to see; throws with `what` once the time is over. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const giveUpAtMs = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > giveUpAtMs) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`);
    await delay(connectionRetryMs);
  }
}

/** Creates, sends and completes; the upload as complete answered it. */
export async function uploadPicture(origin: string, token: string, bytes: Uint8Array): Promise<Upload> {
  const { upload } = await createOne(origin, token, intentOf(bytes));
  assert.ok(upload);
  assert.equal(await send(putRequestOf(upload), bytes), 200);
  const completed = await askPatiently<{ readonly upload: Upload }>(
    origin,
    token,
    "POST",
    `/v1/uploads/${upload.id}/complete`,
  );
  assert.equal(completed.status, 202);
  return completed.body.upload;
}

import type { PresignedRequest, UploadAnswer, UploadEventRecord, UploadRecord } from "@stowage/core";
import type { Upload, UploadEvent, WireRequest } from "@stowage/protocol";

export const timestamp = (ms: number): string => new Date(ms).toISOString();

/** Seconds from now, rounded down and never negative. */
const secondsUntil = (ms: number, nowMs: number): number => Math.max(0, Math.floor((ms - nowMs) / 1000));

export const presentRequest = (request: PresignedRequest, nowMs: number): WireRequest => ({
  method: request.method,
  url: request.url,
  headers: request.headers,
  expiresInSeconds: secondsUntil(request.expiresAtMs, nowMs),
});

/** An upload as its owner sees it. */
export function presentUpload(
  { upload, request }: UploadAnswer,
  nowMs: number,
  events?: readonly UploadEventRecord[],
): Upload {
  return {
    id: upload.id,
    ref: upload.ref ?? null,
    fileId: upload.fileId,
    state: upload.state,
    name: upload.name,
    sizeBytes: upload.sizeBytes,
    contentType: upload.contentType,
    sha256: upload.sha256,
    metadata: upload.metadata,
    createdAt: timestamp(upload.createdAtMs),
    ...pendingMembers(upload, nowMs),
    ...(request ? { transfer: { kind: "put", request: presentRequest(request, nowMs) } } : {}),
    ...(upload.rejection ? { rejection: upload.rejection } : {}),
    ...(events ? { events: events.map(presentEvent) } : {}),
  };
}

const pendingMembers = (upload: UploadRecord, nowMs: number) =>
  upload.state === "pending"
    ? {
        expiresAt: timestamp(upload.expiresAtMs),
        expiresInSeconds: secondsUntil(upload.expiresAtMs, nowMs),
      }
    : {};

const presentEvent = ({ atMs, type, detail }: UploadEventRecord): UploadEvent => ({
  at: timestamp(atMs),
  type,
  detail,
});

import {
  countParts,
  fileIdOf,
  type PartsAnswer,
  type PresignedRequest,
  type StoredPart,
  type UploadAnswer,
  type UploadEventRecord,
  type UploadRecord,
} from "@stowage/core";
import type { Part, ToldUpload, Transfer, UploadEvent, WireRequest } from "@stowage/protocol";

export const timestamp = (ms: number): string => new Date(ms).toISOString();

/** Seconds from now, rounded down and never negative. */
const secondsUntil = (ms: number, nowMs: number): number => Math.max(0, Math.floor((ms - nowMs) / 1000));

export const presentRequest = (request: PresignedRequest, nowMs: number): WireRequest => ({
  method: request.method,
  url: request.url,
  headers: request.headers,
  expiresInSeconds: secondsUntil(request.expiresAtMs, nowMs),
});

export const presentPartRequests = (
  { requests }: PartsAnswer,
  nowMs: number,
): { readonly requests?: WireRequest[] } =>
  requests
    ? {
        requests: requests.map((request) => ({
          ...presentRequest(request, nowMs),
          partNumber: request.partNumber,
        })),
      }
    : {};

export const presentPart = ({ partNumber, sizeBytes, etag, sha256 }: StoredPart): Part => ({
  partNumber,
  sizeBytes,
  etag,
  ...(sha256 === undefined ? {} : { sha256 }),
});

/**
 * An upload as its owner sees it.
 *
 * @param sealed ids of those of which no more than their state is told (`findSealedUploads`)
 */
export function presentUpload(
  { upload, request }: UploadAnswer,
  nowMs: number,
  sealed: ReadonlySet<string>,
  events?: readonly UploadEventRecord[],
): ToldUpload {
  if (sealed.has(upload.id))
    return {
      id: upload.id,
      state: upload.state,
      ...(upload.rejection ? { rejection: upload.rejection } : {}),
    };
  return {
    id: upload.id,
    ref: upload.ref ?? null,
    fileId: fileIdOf(upload),
    ...(upload.replaces ? { replaces: upload.replaces } : {}),
    state: upload.state,
    name: upload.name,
    sizeBytes: upload.sizeBytes,
    contentType: upload.contentType,
    ...(upload.sha256 === undefined ? {} : { sha256: upload.sha256 }),
    metadata: upload.metadata,
    ...(upload.albumId === undefined ? {} : { albumId: upload.albumId }),
    createdAt: timestamp(upload.createdAtMs),
    ...pendingMembers(upload, nowMs),
    ...transferMember({ upload, ...(request ? { request } : {}) }, nowMs),
    ...(upload.rejection ? { rejection: upload.rejection } : {}),
    ...(events ? { events: events.map(presentEvent) } : {}),
  };
}

/** A PUT's transfer holds its request; a multipart's is how to cut the file, and shown for as long as it is pending. */
function transferMember({ upload, request }: UploadAnswer, nowMs: number): { transfer?: Transfer } {
  const { multipart } = upload;
  if (multipart && upload.state === "pending")
    return {
      transfer: {
        kind: "multipart",
        partSizeBytes: multipart.partSizeBytes,
        partCount: countParts({ ...upload, ...multipart }),
      },
    };
  return request ? { transfer: { kind: "put", request: presentRequest(request, nowMs) } } : {};
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

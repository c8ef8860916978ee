import { createHash } from "node:crypto";
import { escapeXml } from "../harness/read-xml.ts";
import type { S3Answer } from "../harness/s3-requests.ts";
import { assertOk, contentOf, requiredText, type S3Session } from "./s3-session.ts";

// What cases about uploads in parts have in common: the calls, and parts large enough.

export type Headers = Readonly<Record<string, string>>;

/** The least that a part may have which is not the last. */
export const minPartBytes = 5 * 1024 * 1024;
/** Made once: 5 MiB take a while. */
export const fullPart = contentOf(minPartBytes, 11);
export const otherFullPart = contentOf(minPartBytes, 12);

export interface SentPart {
  readonly number: number;
  readonly etag: string;
  /** Further elements, such as `<ChecksumSHA256>`. */
  readonly more?: string;
}

export async function createMultipart(s3: S3Session, key: string, headers: Headers = {}): Promise<string> {
  const answer = await s3.send("POST", key, { query: { uploads: "" }, headers });
  assertOk(answer);
  return requiredText(answer, "UploadId");
}

export const sendPart = (
  s3: S3Session,
  key: string,
  uploadId: string,
  number: number | string,
  body: Uint8Array | string,
  headers: Headers = {},
): Promise<S3Answer> =>
  s3.send("PUT", key, { query: { partNumber: String(number), uploadId }, headers, body });

export async function putPart(
  s3: S3Session,
  key: string,
  uploadId: string,
  number: number,
  body: Uint8Array | string,
  headers: Headers = {},
): Promise<SentPart> {
  const answer = await sendPart(s3, key, uploadId, number, body, headers);
  assertOk(answer);
  return { number, etag: answer.headers.etag ?? "" };
}

export const completeDocument = (parts: readonly SentPart[]): string =>
  `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts
    .map(
      ({ number, etag, more = "" }) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag>${more}</Part>`,
    )
    .join("")}</CompleteMultipartUpload>`;

export const complete = (
  s3: S3Session,
  key: string,
  uploadId: string,
  parts: readonly SentPart[],
  headers: Headers = {},
): Promise<S3Answer> => s3.send("POST", key, { query: { uploadId }, headers, body: completeDocument(parts) });

export const abort = (s3: S3Session, key: string, uploadId: string): Promise<S3Answer> =>
  s3.send("DELETE", key, { query: { uploadId } });

export const listParts = (
  s3: S3Session,
  key: string,
  uploadId: string,
  query: Headers = {},
): Promise<S3Answer> => s3.send("GET", key, { query: { uploadId, ...query } });

/** An object of these parts, numbered from 1. */
export async function uploadInParts(
  s3: S3Session,
  key: string,
  bodies: readonly (Uint8Array | string)[],
  headers: Headers = {},
): Promise<S3Answer> {
  const uploadId = await createMultipart(s3, key, headers);
  const parts: SentPart[] = [];
  for (const [index, body] of bodies.entries()) parts.push(await putPart(s3, key, uploadId, index + 1, body));
  const answer = await complete(s3, key, uploadId, parts);
  assertOk(answer);
  return answer;
}

/** The digest of the parts' digests, and their number: how ETags and composite checksums are made. */
export function compositeOf(
  algorithm: "md5" | "sha1" | "sha256",
  encoding: "hex" | "base64",
  bodies: readonly (Uint8Array | string)[],
): string {
  const digests = bodies.map((body) => createHash(algorithm).update(body).digest());
  return `${createHash(algorithm).update(Buffer.concat(digests)).digest(encoding)}-${bodies.length}`;
}

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { textOf } from "../harness/read-xml.ts";
import type { S3Answer, S3Requests, S3Sent } from "../harness/s3-requests.ts";

/** What a case has: requests to one bucket, and keys of its own in it. */
export interface S3Session extends S3Requests {
  /** An origin whose pages the bucket's CORS rules allow to GET and PUT. */
  readonly allowedOrigin: string;
  /** A key that no other case uses, with this at its end. */
  newKey(end?: string): string;
  /** Puts an object with a signed Authorization header, and fails where it is refused. */
  put(key: string, body: Uint8Array | string, headers?: Readonly<Record<string, string>>): Promise<S3Answer>;
  get(key: string, headers?: Readonly<Record<string, string>>): Promise<S3Answer>;
  head(key: string, headers?: Readonly<Record<string, string>>): Promise<S3Answer>;
}

export function createS3Session(requests: S3Requests, allowedOrigin: string): S3Session {
  const prefix = `conformance/${randomBytes(6).toString("hex")}/`;
  let count = 0;
  const send = (method: string, key: string, headers: S3Sent["headers"] = {}) =>
    requests.send(method, key, { headers });
  return {
    ...requests,
    allowedOrigin,
    newKey: (end = "") => `${prefix}${count++}${end}`,
    async put(key, body, headers = {}) {
      const answer = await requests.send("PUT", key, { headers, body });
      assertOk(answer);
      return answer;
    },
    get: (key, headers) => send("GET", key, headers),
    head: (key, headers) => send("HEAD", key, headers),
  };
}

const said = ({ status, text }: S3Answer): string => `${status} ${text.slice(0, 600)}`;

export function assertStatus(answer: S3Answer, status: number): void {
  assert.equal(answer.status, status, said(answer));
}

export const assertOk = (answer: S3Answer): void => assertStatus(answer, 200);

/** An error document with this status and code. */
export function assertRefused(answer: S3Answer, status: number, ...codes: readonly string[]): void {
  assert.equal(answer.status, status, said(answer));
  assert.ok(codes.includes(answer.code ?? ""), `${codes.join(" or ")} expected: ${said(answer)}`);
}

/** The object is there with these bytes. */
export async function assertHolds(s3: S3Session, key: string, body: Uint8Array | string): Promise<void> {
  const answer = await s3.get(key);
  assertOk(answer);
  assert.ok(answer.body.equals(Buffer.from(body)), `${answer.body.length} other bytes`);
}

export async function assertAbsent(s3: S3Session, key: string): Promise<void> {
  assertRefused(await s3.get(key), 404, "NoSuchKey");
}

/** Whole bytes, so that a lost, doubled or moved one shows. */
export function contentOf(sizeBytes: number, seed = 1): Buffer {
  const content = Buffer.alloc(sizeBytes);
  let state = seed;
  for (let at = 0; at < sizeBytes; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    content[at] = state >>> 24;
  }
  return content;
}

/** The text of an element that must be there. */
export function requiredText(answer: S3Answer, name: string): string {
  const text = textOf(answer.text, name);
  assert.ok(text !== undefined, `no <${name}>: ${said(answer)}`);
  return text;
}

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { createHeaderSigner, createPresigner } from "@stowage/sigv4";
import { createBucketAddress } from "../bucket-address.ts";
import type { S3ObjectStoreOptions } from "../create-s3-object-store.ts";
import { createHttpConnection } from "../http-connection.ts";
import { readXml, type XmlElement } from "../read-xml.ts";
import { readErrorElement } from "../s3-answer-error.ts";
import { readText } from "../s3-send.ts";

/** An answer, read to its end. */
export interface ExaminedAnswer {
  readonly status: number;
  readonly isOk: boolean;
  /** S3's own, where the answer was an error document; also that of a 200. */
  readonly code: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Root of the answer's XML. @throws SyntaxError */
  xml(): XmlElement;
}

export interface SentRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE" | "OPTIONS";
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Ways to send a store what it ought to take and what it ought to refuse, under keys that are removed at the end. */
export interface Examination {
  readonly bucket: string;
  /** A key `probe/…` of its own. */
  newKey(): string;
  /** 64 bytes of ASCII that nobody has seen before. */
  newBytes(): Buffer;
  /** Signed by header. */
  sendSigned(request: SentRequest): Promise<ExaminedAnswer>;
  /** With no signature at all, to where clients reach the store. */
  sendUnsigned(request: SentRequest): Promise<ExaminedAnswer>;
  /**
   * By a presigned URL whose signature covers `request.headers`; sends those and `unsigned`, of the same name the
   * latter.
   */
  sendPresigned(
    request: SentRequest,
    options?: {
      readonly unsigned?: Readonly<Record<string, string>>;
      readonly expiresInSeconds?: number;
      readonly signedAtMs?: number;
      /** Sent instead of `request.body`, which is what was signed. */
      readonly body?: Uint8Array;
    },
  ): Promise<ExaminedAnswer>;
  /** Removes every key that was handed out. Whether the store let us. */
  cleanUp(): Promise<boolean>;
  nowMs(): number;
}

const sha256Hex = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export const sha256Base64 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("base64");

/** What a presigned PUT of Stowage signs, besides its host. */
export const signedPutHeaders = (bytes: Uint8Array): Record<string, string> => ({
  "content-length": String(bytes.byteLength),
  "content-type": "application/octet-stream",
  "if-none-match": "*",
  "x-amz-checksum-sha256": sha256Base64(bytes),
});

const largestAnswerBytes = 1024 * 1024;

export function createExamination(options: S3ObjectStoreOptions): Examination {
  const { endpoint, publicEndpoint = endpoint, region, bucket, credentials, pathStyle = true } = options;
  const { requestTimeoutMs = 10_000, now = Date.now } = options;
  const ownAddress = createBucketAddress({ endpoint, bucket, pathStyle });
  const clientsAddress = createBucketAddress({ endpoint: publicEndpoint, bucket, pathStyle });
  const sign = createHeaderSigner({ credentials, region });
  const presign = createPresigner({ credentials, region });
  const connection = createHttpConnection({ timeoutMs: requestTimeoutMs });
  const keys: string[] = [];

  const send = async (
    method: string,
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | undefined,
  ): Promise<ExaminedAnswer> => {
    const answer = await connection({ method, url, headers, ...(body && { body }) });
    const text = await readText(answer, largestAnswerBytes, `${method} ${url.pathname}`);
    const code = readErrorElement(text)?.text("Code");
    const flat = Object.entries(answer.headers).map(([name, value]) => [name, String(value ?? "")]);
    return {
      status: answer.status,
      isOk: answer.status >= 200 && answer.status < 300 && code === undefined,
      code,
      headers: Object.fromEntries(flat),
      text,
      xml: () => readXml(text.trim()),
    };
  };

  const urlOf = (address: (key?: string) => URL, { key, query }: SentRequest): URL => {
    const url = address(key);
    if (query !== undefined) url.search = new URLSearchParams(query).toString();
    return url;
  };

  const sendSigned: Examination["sendSigned"] = (request) => {
    const { method, headers = {}, body } = request;
    const url = urlOf(ownAddress, request);
    const payloadSha256 = sha256Hex(body ?? new Uint8Array());
    const signed = sign({ method, url, headers, payloadSha256, signedAt: new Date(now()) });
    if (method === "PUT" || method === "POST") signed["content-length"] = String(body?.byteLength ?? 0);
    return send(method, url, signed, body);
  };

  return {
    bucket,
    nowMs: now,
    newKey() {
      // One beginning for all: the embedded bucket makes a directory of it.
      const key = `probe/examined-${randomUUID()}`;
      keys.push(key);
      return key;
    },
    newBytes: () => Buffer.from(randomBytes(32).toString("hex")),
    sendSigned,
    sendUnsigned: (request) =>
      send(request.method, urlOf(clientsAddress, request), request.headers ?? {}, request.body),
    sendPresigned(request, { unsigned = {}, expiresInSeconds = 60, signedAtMs = now(), body } = {}) {
      const { method, headers = {} } = request;
      const url = presign({
        method,
        url: urlOf(ownAddress, request),
        headers,
        expiresInSeconds,
        signedAt: new Date(signedAtMs),
      });
      const sent = body ?? request.body;
      const all: Record<string, string> = { ...headers, ...unsigned };
      if (sent && all["transfer-encoding"] === undefined) all["content-length"] = String(sent.byteLength);
      else delete all["content-length"];
      return send(method, new URL(url), all, sent);
    },
    async cleanUp() {
      const answers = await Promise.allSettled(keys.map((key) => sendSigned({ method: "DELETE", key })));
      return answers.every((each) => each.status === "fulfilled" && each.value.status < 300);
    },
  };
}

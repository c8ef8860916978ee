import { createHash, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import http from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createHeaderSigner, createPresigner } from "@stowage/sigv4";
import { type BucketServer, type BucketServerOptions, createBucketServer } from "../bucket-server.ts";
import type { LogEntry } from "../http/log.ts";
import { testMasterKey } from "./stored-content.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export const testCredentials = { accessKeyId: "AKIDTEST", secretAccessKey: "a secret of tests" };
export const testBucketName = "test-bucket";
export const testRegion = "us-east-1";

/** What signs chunks of a body whose request is of this date. */
export function testSigningKey(amzDate: string): { key: KeyObject; amzDate: string; scope: string } {
  const scope = `${amzDate.slice(0, 8)}/${testRegion}/s3/aws4_request`;
  let key: Buffer | string = `AWS4${testCredentials.secretAccessKey}`;
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  return { key: createSecretKey(Buffer.from(key)), amzDate, scope };
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** The `Code` of an error document. */
  readonly code: string | undefined;
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

export interface TestBucket {
  readonly bucket: BucketServer;
  readonly directory: string;
  readonly port: number;
  readonly origin: string;
  readonly log: LogEntry[];
  /** A presigned URL; `target` is a key, already encoded, perhaps with a query. */
  presign(
    method: string,
    target: string,
    headers?: Readonly<Record<string, string>>,
    expiresInSeconds?: number,
  ): string;
  /** Sends exactly this, to a path or a URL of this server. */
  send(method: string, url: string, sent?: Sent): Promise<Answer>;
  /** Sends it with a signed Authorization header that covers the headers given. */
  signed(method: string, target: string, sent?: Sent & { readonly payloadSha256?: string }): Promise<Answer>;
  /** Presigns with the headers given, content-length included, and sends. */
  put(key: string, body: Buffer | string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  get(key: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Writes bytes to a connection and resolves with all that came until it was closed. */
  raw(...pieces: readonly (Buffer | string)[]): Promise<string>;
}

export const sha256Base64 = (content: Buffer | string): string =>
  createHash("sha256").update(content).digest("base64");
export const sha256Hex = (content: Buffer | string): string =>
  createHash("sha256").update(content).digest("hex");

/** What a browser sends to a presigned URL of Stowage. */
export const uploadHeaders = (content: Buffer | string): Record<string, string> => ({
  "content-type": "image/jpeg",
  "if-none-match": "*",
  "x-amz-checksum-sha256": sha256Base64(content),
});

export async function startTestBucket(
  test: TestContext,
  options: Partial<BucketServerOptions> = {},
): Promise<TestBucket> {
  const directory = options.directory ?? join(await temporaryDirectory(test), "data");
  const log: LogEntry[] = [];
  const bucket = createBucketServer({
    bucket: testBucketName,
    region: testRegion,
    credentials: [testCredentials],
    masterKey: testMasterKey,
    log: (entry) => log.push(entry),
    closeTimeoutMs: 1000,
    ...options,
    directory,
  });
  const { port } = await bucket.listen({ host: "127.0.0.1", port: 0 });
  test.after(() => bucket.close());
  const origin = `http://127.0.0.1:${port}`;
  return { bucket, directory, port, log, origin, ...clientOf(origin) };
}

/** Ways to talk to a bucket that listens on `origin`. */
export function clientOf(
  origin: string,
): Pick<TestBucket, "presign" | "send" | "signed" | "put" | "get" | "raw"> {
  const presignUrl = createPresigner({ credentials: testCredentials, region: testRegion });
  const signHeaders = createHeaderSigner({ credentials: testCredentials, region: testRegion });
  const urlOf = (target: string): URL => new URL(`${origin}/${testBucketName}/${target}`);
  const { hostname, port } = new URL(origin);

  const presign: TestBucket["presign"] = (method, target, headers = {}, expiresInSeconds = 600) =>
    presignUrl({ method, url: urlOf(target), headers, expiresInSeconds, signedAt: new Date() });

  const send: TestBucket["send"] = (method, url, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const path = url.startsWith(origin) ? url.slice(origin.length) : url;
      const request = http.request(
        { host: hostname, port, method, path, headers, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const whole = Buffer.concat(chunks);
            const code = /<Error><Code>(\w+)<\/Code>/.exec(whole.toString("latin1"))?.[1];
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, code });
          });
        },
      );
      request.on("error", reject);
      request.end(body);
    });

  return {
    presign,
    send,
    signed(method, target, { headers = {}, body, payloadSha256 = sha256Hex(body ?? "") } = {}) {
      const url = urlOf(target);
      const all = signHeaders({ method, url, headers, payloadSha256, signedAt: new Date() });
      return send(method, url.href, { headers: all, ...(body !== undefined && { body }) });
    },
    put(key, body, headers = {}) {
      const all = { ...headers, "content-length": String(Buffer.byteLength(body)) };
      return send("PUT", presign("PUT", key, all), { headers: all, body });
    },
    get: (key, headers = {}) => send("GET", presign("GET", key), { headers }),
    raw: (...pieces) =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(port), hostname, () => {
          for (const piece of pieces) socket.write(piece);
        });
        const received: Buffer[] = [];
        socket.on("data", (chunk) => received.push(chunk));
        socket.on("error", reject);
        socket.on("close", () => resolve(Buffer.concat(received).toString("latin1")));
      }),
  };
}

/** The request line and headers of a raw HTTP/1.1 request to a presigned URL. */
export function rawHead(method: string, url: string, headers: Readonly<Record<string, string>>): string {
  const { host, pathname, search } = new URL(url);
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

import http from "node:http";
import {
  encodePath,
  encodeQuery,
  presignQuery,
  type S3Credentials,
  sha256Hex,
  signHeaders,
  type ToSign,
} from "./sign-s3.ts";

/** A bucket, and who may do everything in it. Path-style addressing. */
export interface S3Place {
  /** `http://host:port`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly credentials: S3Credentials;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The `Code` of an error document. */
  readonly code: string | undefined;
}

/** What a request has besides its method and key, and how its signature is bent. */
export interface S3Sent {
  readonly query?: Readonly<Record<string, string>>;
  /** Lower-case names; all signed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent, not signed. */
  readonly unsigned?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** For `x-amz-content-sha256`. Default: the SHA-256 of the body, and UNSIGNED-PAYLOAD for presigned requests. */
  readonly payload?: string;
  /** Default: now. */
  readonly signedAt?: Date;
  readonly region?: string;
  readonly credentials?: S3Credentials;
  /** Default: the place's. */
  readonly bucket?: string;
}

export interface S3Presigned extends S3Sent {
  /** Default 60. */
  readonly expiresInSeconds?: number | string;
}

export interface S3Requests {
  readonly place: S3Place;
  /** Sends a request with a signed Authorization header. The key `""` is the bucket itself. */
  send(method: string, key: string, sent?: S3Sent): Promise<S3Answer>;
  /** A presigned URL. Its `headers` are signed. */
  presign(method: string, key: string, presigned?: S3Presigned): string;
  /** Sends exactly this to a URL of this place. */
  fetch(method: string, url: string, sent?: Pick<S3Sent, "headers" | "body">): Promise<S3Answer>;
  /** What `send` would sign. */
  toSign(method: string, key: string, sent?: S3Sent): ToSign;
  close(): void;
}

const requestTimeoutMs = 30_000;

export function createS3Requests(place: S3Place): S3Requests {
  const { host, hostname, port } = new URL(place.endpoint);
  const agent = new http.Agent({ keepAlive: true });

  const toSign: S3Requests["toSign"] = (method, key, sent = {}) => ({
    method,
    path: `/${sent.bucket ?? place.bucket}${key === "" ? "" : `/${encodePath(key)}`}`,
    query: sent.query ?? {},
    headers: { host, ...sent.headers },
    payload: sent.payload ?? sha256Hex(sent.body ?? ""),
    signedAt: sent.signedAt ?? new Date(),
    region: sent.region ?? place.region,
    credentials: sent.credentials ?? place.credentials,
  });

  const exchange = (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | string | undefined,
  ): Promise<S3Answer> =>
    new Promise((resolve, reject) => {
      const framed =
        body !== undefined &&
        headers["content-length"] === undefined &&
        headers["transfer-encoding"] === undefined
          ? { ...headers, "content-length": String(Buffer.byteLength(body)) }
          : headers;
      const options = {
        host: hostname,
        port,
        method,
        path,
        headers: framed,
        agent,
        timeout: requestTimeoutMs,
      };
      const request = http.request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const whole = Buffer.concat(chunks);
          const text = whole.toString("utf8");
          const code = /<Error(?:\s[^>]*)?>[\s\S]*?<Code>(\w+)<\/Code>/.exec(text)?.[1];
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, text, code });
        });
      });
      request.on("timeout", () => request.destroy(new Error(`No answer to ${method} ${path} in time.`)));
      request.on("error", reject);
      request.end(body);
    });

  const targetOf = ({ path, query }: ToSign): string =>
    Object.keys(query).length === 0 ? path : `${path}?${encodeQuery(query)}`;

  return {
    place,
    toSign,
    send(method, key, sent = {}) {
      const request = toSign(method, key, sent);
      const { headers } = signHeaders(request);
      return exchange(method, targetOf(request), { ...headers, ...sent.unsigned }, sent.body);
    },
    presign(method, key, presigned = {}) {
      const request = toSign(method, key, { payload: "UNSIGNED-PAYLOAD", ...presigned });
      return `${place.endpoint}${request.path}?${presignQuery(request, presigned.expiresInSeconds ?? 60)}`;
    },
    fetch: (method, url, { headers = {}, body } = {}) =>
      exchange(method, url.slice(place.endpoint.length), headers, body),
    close: () => agent.destroy(),
  };
}

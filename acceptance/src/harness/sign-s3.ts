import { createHash, createHmac } from "node:crypto";

// AWS Signature Version 4 for S3, as its documentation has it, step by step: "Authenticating Requests (AWS Signature
// Version 4)" of the API reference. Every input can be bent, as a suite about refusals must.

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ToSign {
  readonly method: string;
  /** Already encoded, from its first slash. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** All of them are signed; `host` must be among them. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body's SHA-256 in lower-case hex, `UNSIGNED-PAYLOAD` or `STREAMING-…`. */
  readonly payload: string;
  readonly signedAt: Date;
  readonly region: string;
  readonly credentials: S3Credentials;
}

/** What signs the chunks of an aws-chunked body, its first signature being that of the request. */
export interface ChunkSigning {
  readonly key: Buffer;
  readonly amzDate: string;
  readonly scope: string;
  readonly seedSignature: string;
}

export const sha256Hex = (content: Uint8Array | string): string =>
  createHash("sha256").update(content).digest("hex");

/** All but A-Z a-z 0-9 - . _ ~ as `%XX` of its UTF-8 bytes. */
export const encodeRfc3986 = (value: string): string =>
  encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

export const encodePath = (path: string): string => path.split("/").map(encodeRfc3986).join("/");

/** By the encoded names' bytes, as the canonical request needs them; fit to be sent. */
export const encodeQuery = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
    .sort()
    .join("&");

/** `20130524T000000Z`. */
export const amzDateOf = (date: Date): string => `${date.toISOString().replace(/\.\d+|[-:]/g, "")}`;

export const scopeOf = (amzDate: string, region: string): string =>
  `${amzDate.slice(0, 8)}/${region}/s3/aws4_request`;

/** HMAC-SHA256 all along the scope. */
export function signingKey(secretAccessKey: string, scope: string): Buffer {
  let key: Buffer | string = `AWS4${secretAccessKey}`;
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  return Buffer.from(key);
}

export const signedHeadersOf = (headers: Readonly<Record<string, string>>): string =>
  Object.keys(headers).sort().join(";");

function sign({
  method,
  path,
  query,
  headers,
  payload,
  signedAt,
  region,
  credentials,
}: ToSign): ChunkSigning {
  const amzDate = amzDateOf(signedAt);
  const scope = scopeOf(amzDate, region);
  const names = Object.keys(headers).sort();
  const canonical = [
    method,
    path,
    encodeQuery(query),
    ...names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, " ")}`),
    "",
    names.join(";"),
    payload,
  ].join("\n");
  const key = signingKey(credentials.secretAccessKey, scope);
  const toSign = ["AWS4-HMAC-SHA256", amzDate, scope, sha256Hex(canonical)].join("\n");
  return { key, amzDate, scope, seedSignature: createHmac("sha256", key).update(toSign).digest("hex") };
}

/** The headers to send, `authorization`, `x-amz-date` and `x-amz-content-sha256` among them. */
export function signHeaders(request: ToSign): {
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: ChunkSigning;
} {
  const headers = {
    ...request.headers,
    "x-amz-content-sha256": request.payload,
    "x-amz-date": amzDateOf(request.signedAt),
  };
  const chunks = sign({ ...request, headers });
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${request.credentials.accessKeyId}/${chunks.scope},` +
    `SignedHeaders=${signedHeadersOf(headers)},Signature=${chunks.seedSignature}`;
  return { headers: { ...headers, authorization }, chunks };
}

/** The query of a presigned URL, encoded. */
export function presignQuery(request: ToSign, expiresInSeconds: number | string): string {
  const amzDate = amzDateOf(request.signedAt);
  const query = {
    ...request.query,
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${request.credentials.accessKeyId}/${scopeOf(amzDate, request.region)}`,
    "X-Amz-Date": amzDate,
    "X-Amz-Expires": String(expiresInSeconds),
    "X-Amz-SignedHeaders": signedHeadersOf(request.headers),
  };
  const { seedSignature } = sign({ ...request, query });
  return `${encodeQuery(query)}&X-Amz-Signature=${seedSignature}`;
}

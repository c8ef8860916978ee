import { createHmac } from "node:crypto";
import { sha256Hex, testBucketName, testCredentials, testRegion } from "./test-bucket.ts";

const unreserved = /^[A-Za-z0-9._~-]$/;

const escapeBytes = (text: string, alsoPlain = ""): string =>
  [...Buffer.from(text).toString("latin1")]
    .map((byte) =>
      unreserved.test(byte) || alsoPlain.includes(byte)
        ? byte
        : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");

export interface AnyRequest {
  readonly method: string;
  /** Of the test's bucket; empty for the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** As they are sent, whatever they are. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly payloadSha256?: string;
}

/**
 * The head of a request whose signature holds, by hand as AWS describes it, for keys, queries and headers
 * that a signer would refuse. Bytes for `latin1`.
 */
export function signAnyRequest(request: AnyRequest, host: string): string {
  const { method, key = "", query = {}, headers = [], payloadSha256 = "UNSIGNED-PAYLOAD" } = request;
  const path = `/${testBucketName}/${escapeBytes(key, "/")}`;
  const queryString = Object.entries(query)
    .map(([name, value]) => `${escapeBytes(name)}=${escapeBytes(value)}`)
    .sort()
    .join("&");
  const amzDate = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${amzDate.slice(0, 8)}/${testRegion}/s3/aws4_request`;
  const sent = [
    ["host", host],
    ["x-amz-date", amzDate],
    ["x-amz-content-sha256", payloadSha256],
    ...headers,
  ] as const;

  const byName = new Map<string, string>();
  for (const [name, value] of sent) {
    const canonical = value.trim().replace(/ +/g, " ");
    const before = byName.get(name.toLowerCase());
    byName.set(name.toLowerCase(), before === undefined ? canonical : `${before},${canonical}`);
  }
  const names = [...byName.keys()].sort();
  const canonicalHeaders = names.map((name) => `${name}:${byName.get(name)}`);
  const signedHeaders = names.join(";");
  const canonical = [method, path, queryString, ...canonicalHeaders, "", signedHeaders, payloadSha256].join(
    "\n",
  );
  const toSign = ["AWS4-HMAC-SHA256", amzDate, scope, sha256Hex(canonical)].join("\n");
  const hmac = (secret: Buffer | string, text: string) => createHmac("sha256", secret).update(text).digest();
  let signingKey: Buffer | string = `AWS4${testCredentials.secretAccessKey}`;
  for (const part of scope.split("/")) signingKey = hmac(signingKey, part);
  const signature = hmac(signingKey, toSign).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${testCredentials.accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  const lines = [...sent, ["authorization", authorization]].map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path}${queryString ? `?${queryString}` : ""} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

import { createHmac } from "node:crypto";
import { sha256Hex, testBucketName, testCredentials, testRegion } from "./test-bucket.ts";

const unreserved = /^[A-Za-z0-9._~-]$/;

/**
 * A presigned URL for any key whatever, signed by hand as AWS describes it: the presigner refuses keys that
 * URL parsers would rewrite. Without origin, to be sent as it is.
 */
export function presignAnyKey(method: "GET" | "PUT", key: string, host: string, lengthBytes = 0): string {
  const escaped = [...Buffer.from(key).toString("latin1")].map((byte) =>
    unreserved.test(byte) || byte === "/"
      ? byte
      : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  const path = `/${testBucketName}/${escaped.join("")}`;
  const amzDate = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${amzDate.slice(0, 8)}/${testRegion}/s3/aws4_request`;
  const headers = method === "PUT" ? [`content-length:${lengthBytes}`, `host:${host}`] : [`host:${host}`];
  const names = headers.map((header) => header.slice(0, header.indexOf(":"))).join(";");
  const query = [
    "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    `X-Amz-Credential=${encodeURIComponent(`${testCredentials.accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${amzDate}`,
    "X-Amz-Expires=600",
    `X-Amz-SignedHeaders=${encodeURIComponent(names)}`,
  ].join("&");
  const canonical = [method, path, query, ...headers, "", names, "UNSIGNED-PAYLOAD"].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", amzDate, scope, sha256Hex(canonical)].join("\n");
  const hmac = (secret: Buffer | string, text: string) => createHmac("sha256", secret).update(text).digest();
  let signingKey: Buffer | string = `AWS4${testCredentials.secretAccessKey}`;
  for (const part of scope.split("/")) signingKey = hmac(signingKey, part);
  return `${path}?${query}&X-Amz-Signature=${hmac(signingKey, toSign).toString("hex")}`;
}

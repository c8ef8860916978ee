import { createHmac, hash, type KeyObject } from "node:crypto";
import { trimHeaderValue } from "./canonical-headers.ts";

/** The one algorithm of SigV4 that is signed and accepted here. */
export const algorithm = "AWS4-HMAC-SHA256";

/** The hash's place in a canonical request whose body is not signed. */
export const unsignedPayload = "UNSIGNED-PAYLOAD";

const payloadPattern = /^(?:[0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]{1,64})$/;

/** Whether `text` may stand for the payload's hash: lower-case hex, UNSIGNED-PAYLOAD or STREAMING-…. */
export function isPayloadSha256(text: string): boolean {
  return payloadPattern.test(text);
}

/**
 * What a presigned request signs for its payload, or undefined where query and header contradict each
 * other. Unlike other services, S3 takes UNSIGNED-PAYLOAD where neither says anything.
 */
export function presignedPayload(
  inQuery: string | undefined,
  inHeader: string | undefined,
): string | undefined {
  if (inQuery !== undefined && inHeader !== undefined && inQuery !== inHeader) return undefined;
  return inQuery ?? inHeader ?? unsignedPayload;
}

/** The parts of a canonical request, each already in its canonical form. */
export interface CanonicalParts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Sorted, lower case, `host` among them. */
  readonly signedHeaderNames: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly payloadSha256: string;
}

/** SigV4's canonical request: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, task 1. */
export function canonicalRequest(parts: CanonicalParts): string {
  let headerLines = "";
  for (const name of parts.signedHeaderNames) {
    headerLines += `${name}:${trimHeaderValue(parts.headers.get(name) ?? "")}\n`;
  }
  const names = parts.signedHeaderNames.join(";");
  return `${parts.method}\n${parts.path}\n${parts.query}\n${headerLines}\n${names}\n${parts.payloadSha256}`;
}

/** The signature over a canonical request, in lower-case hex: tasks 2 and 3 of the same page. */
export function signCanonical(key: KeyObject, amzDate: string, scope: string, canonical: string): string {
  return createHmac("sha256", key)
    .update(`${algorithm}\n${amzDate}\n${scope}\n${hash("sha256", canonical, "hex")}`)
    .digest("hex");
}

/** `20130524/us-east-1/s3/aws4_request`, for a date such as `20130524T000000Z`. */
export function credentialScope(amzDate: string, region: string, service: string): string {
  return `${amzDate.slice(0, 8)}/${region}/${service}/aws4_request`;
}

import { formatAmzDate } from "./amz-date.ts";
import { headersToSign } from "./canonical-headers.ts";
import {
  algorithm,
  canonicalRequest,
  credentialScope,
  isPayloadSha256,
  sign,
  unsignedPayload,
} from "./canonical-request.ts";
import { isSignatureMember } from "./query-signature.ts";
import { readSignable } from "./signable-request.ts";
import { createSigningKeys, type SigningCredentials } from "./signing-key.ts";
import { canonicalQuery } from "./uri-encoding.ts";

/** S3's longest life of a presigned URL: seven days. */
export const longestExpiresInSeconds = 604_800;

const reservedHeaders: ReadonlySet<string> = new Set(["host", "authorization"]);

export interface PresignInput {
  /** In capitals: `GET`, `PUT`… */
  readonly method: string;
  /** Without any signature member of `X-Amz-*`; may carry others (response-content-type, uploadId…). */
  readonly url: URL;
  /** Signed besides host, never hoisted into the query; the client must send each with this value. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whole seconds, 1 to 604800. */
  readonly expiresInSeconds: number;
  /** When the URL's life begins; milliseconds are dropped. */
  readonly signedAt: Date;
}

/**
 * A function that presigns requests to S3: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html.
 * It returns the full URL, path and query in canonical encoding. The payload is UNSIGNED-PAYLOAD, unless
 * the input itself carries `x-amz-content-sha256` as a header or query member.
 *
 * The function throws RangeError for a life or date out of range, TypeError for a method, URL or header
 * that could not be sent as signed (header values are printable ASCII).
 */
export function createPresigner(options: {
  credentials: SigningCredentials;
  region: string;
  service?: "s3";
}): (input: PresignInput) => string {
  const { credentials, region, service = "s3" } = options;
  const signingKey = createSigningKeys({ region, service });

  return ({ method, url, headers = {}, expiresInSeconds, signedAt }) => {
    if (
      !Number.isInteger(expiresInSeconds) ||
      expiresInSeconds < 1 ||
      expiresInSeconds > longestExpiresInSeconds
    ) {
      throw new RangeError(`a presigned URL lives 1 to ${longestExpiresInSeconds} whole seconds`);
    }
    const { path, query } = readSignable(method, url);
    for (const name of query.keys()) {
      if (isSignatureMember(name)) throw new TypeError(`the URL already holds the query member ${name}`);
    }
    const signed = headersToSign(headers, reservedHeaders);
    const payloadSha256 =
      query.get("X-Amz-Content-Sha256") ?? signed.get("x-amz-content-sha256") ?? unsignedPayload;
    if (!isPayloadSha256(payloadSha256)) throw new TypeError("x-amz-content-sha256 is malformed");
    signed.set("host", url.host);
    const signedHeaderNames = [...signed.keys()].sort();

    const amzDate = formatAmzDate(signedAt);
    const day = amzDate.slice(0, 8);
    const scope = credentialScope(day, region, service);
    query.set("X-Amz-Algorithm", algorithm);
    query.set("X-Amz-Credential", `${credentials.accessKeyId}/${scope}`);
    query.set("X-Amz-Date", amzDate);
    query.set("X-Amz-Expires", String(expiresInSeconds));
    query.set("X-Amz-SignedHeaders", signedHeaderNames.join(";"));
    if (credentials.sessionToken !== undefined) {
      query.set("X-Amz-Security-Token", credentials.sessionToken);
    }
    const queryToSign = canonicalQuery(query);

    const signature = sign(
      signingKey(credentials.accessKeyId, credentials.secretAccessKey, day),
      amzDate,
      scope,
      canonicalRequest({
        method,
        path,
        query: queryToSign,
        signedHeaderNames,
        headers: signed,
        payloadSha256,
      }),
    ).toString("hex");
    return `${url.protocol}//${url.host}${path}?${queryToSign}&X-Amz-Signature=${signature}`;
  };
}

import { formatAmzDate } from "./amz-date.ts";
import { headersToSign } from "./canonical-headers.ts";
import { algorithm, canonicalRequest, credentialScope, isPayloadSha256, sign } from "./canonical-request.ts";
import { isSignatureMember } from "./query-signature.ts";
import { readSignable } from "./signable-request.ts";
import { createSigningKeys, type SigningCredentials } from "./signing-key.ts";
import { canonicalQuery } from "./uri-encoding.ts";

const reservedHeaders: ReadonlySet<string> = new Set([
  "host",
  "authorization",
  "x-amz-date",
  "x-amz-content-sha256",
  "x-amz-security-token",
]);

export interface SignHeadersInput {
  /** In capitals: `GET`, `PUT`… */
  method: string;
  /** What will be requested; its query may hold anything but a signature's own members. */
  url: URL;
  /** Every one is signed, so give only those that reach the store unchanged. */
  headers?: Readonly<Record<string, string>>;
  /** Lower-case hex, `UNSIGNED-PAYLOAD` or `STREAMING-…`; it is sent as `x-amz-content-sha256`. */
  payloadSha256: string;
  /** S3 refuses a date more than 15 minutes from its own; milliseconds are dropped. */
  signedAt: Date;
}

/**
 * A function that signs requests to S3 with the Authorization header:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. It returns all headers to
 * send, names in lower case: those given, `x-amz-date`, `x-amz-content-sha256`, `x-amz-security-token`
 * where there is one, and `authorization`; not `host`, which is signed as `url.host`.
 *
 * The function throws RangeError for a date out of range, TypeError for a method, URL, header or payload
 * hash that could not be sent as signed (header values are printable ASCII).
 */
export function createHeaderSigner(options: {
  credentials: SigningCredentials;
  region: string;
  service?: "s3";
}): (input: SignHeadersInput) => Record<string, string> {
  const { credentials, region, service = "s3" } = options;
  const signingKey = createSigningKeys({ region, service });

  return ({ method, url, headers = {}, payloadSha256, signedAt }) => {
    if (!isPayloadSha256(payloadSha256)) throw new TypeError("payloadSha256 is malformed");
    const { path, query } = readSignable(method, url);
    for (const name of query.keys()) {
      if (isSignatureMember(name)) throw new TypeError(`the URL already holds the query member ${name}`);
    }
    const amzDate = formatAmzDate(signedAt);
    const day = amzDate.slice(0, 8);
    const scope = credentialScope(day, region, service);

    const signed = headersToSign(headers, reservedHeaders);
    signed.set("x-amz-date", amzDate);
    signed.set("x-amz-content-sha256", payloadSha256);
    if (credentials.sessionToken !== undefined) signed.set("x-amz-security-token", credentials.sessionToken);
    const toSend = Object.fromEntries(signed);
    signed.set("host", url.host);
    const signedHeaderNames = [...signed.keys()].sort();

    const signature = sign(
      signingKey(credentials.accessKeyId, credentials.secretAccessKey, day),
      amzDate,
      scope,
      canonicalRequest({
        method,
        path,
        query: canonicalQuery(query),
        signedHeaderNames,
        headers: signed,
        payloadSha256,
      }),
    ).toString("hex");
    toSend.authorization = `${algorithm} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signedHeaderNames.join(";")}, Signature=${signature}`;
    return toSend;
  };
}

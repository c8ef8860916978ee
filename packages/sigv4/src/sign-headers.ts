import { headersToSign } from "./canonical-headers.ts";
import { algorithm, isPayloadSha256 } from "./canonical-request.ts";
import { readSignable } from "./signable-request.ts";
import { createSigningMoments, type SignerOptions, sign } from "./signing-moment.ts";
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
  /** What will be requested; its query may hold anything but a presigned URL's own members. */
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
 * where there is one, and `authorization`; not `host`, which is signed as `url.host`. Request `url.href`
 * as it stands: a `+` in its query is signed as a space, which is how URLSearchParams wrote it.
 *
 * The factory throws TypeError for malformed credentials. The function throws RangeError for a date out of
 * range, TypeError for a method, URL, header or payload hash that could not be sent as it would be signed
 * (header values are printable ASCII; a path has no `.` or `..` segment).
 */
export function createHeaderSigner(
  options: SignerOptions,
): (input: SignHeadersInput) => Record<string, string> {
  const momentOf = createSigningMoments(options);
  const { sessionToken } = options.credentials;

  return ({ method, url, headers = {}, payloadSha256, signedAt }) => {
    if (!isPayloadSha256(payloadSha256)) throw new TypeError("payloadSha256 is malformed");
    const { path, query } = readSignable(method, url);
    const moment = momentOf(signedAt);
    const signed = headersToSign(headers, reservedHeaders);
    signed.set("x-amz-date", moment.amzDate);
    signed.set("x-amz-content-sha256", payloadSha256);
    if (sessionToken !== undefined) signed.set("x-amz-security-token", sessionToken);
    const toSend = Object.fromEntries(signed);

    signed.set("host", url.host);
    const signedHeaderNames = [...signed.keys()].sort();
    const signature = sign(moment, {
      method,
      path,
      query: canonicalQuery(query),
      signedHeaderNames,
      headers: signed,
      payloadSha256,
    });
    toSend.authorization = `${algorithm} Credential=${moment.credential}, SignedHeaders=${signedHeaderNames.join(";")}, Signature=${signature}`;
    return toSend;
  };
}

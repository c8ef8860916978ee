import { headersToSign } from "./canonical-headers.ts";
import { algorithm, isPayloadSha256, presignedPayload } from "./canonical-request.ts";
import { readSignable, type SignableUrl } from "./signable-request.ts";
import { createSigningMoments, type SignerOptions, sign } from "./signing-moment.ts";
import { canonicalQuery, type EncodedMember, uriEncode } from "./uri-encoding.ts";

/** S3's longest life of a presigned URL: seven days. */
export const longestExpiresInSeconds = 604_800;

const reservedHeaders: ReadonlySet<string> = new Set(["host", "authorization"]);

export interface PresignInput {
  /** In capitals: `GET`, `PUT`… */
  readonly method: string;
  /** Without any signature member of `X-Amz-*`; may carry others (response-content-type, uploadId…). */
  readonly url: SignableUrl;
  /** Signed besides host, never hoisted into the query; the client must send each with this value. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whole seconds, 1 to 604800. */
  readonly expiresInSeconds: number;
  /** When the URL's life begins; milliseconds are dropped. */
  readonly signedAt: Date;
}

/**
 * A function that presigns requests to S3: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html.
 * It returns the full URL, path and query in canonical encoding (a `+` in the query given is a space). The
 * payload is UNSIGNED-PAYLOAD, unless the input itself carries `x-amz-content-sha256` as a header or
 * `X-Amz-Content-Sha256` as a query member.
 *
 * The factory throws TypeError for malformed credentials. The function throws RangeError for a life or
 * date out of range, TypeError for a method, URL or header that could not be sent as it would be signed
 * (header values are printable ASCII; a path has no `.` or `..` segment).
 */
export function createPresigner(options: SignerOptions): (input: PresignInput) => string {
  const momentOf = createSigningMoments(options);
  const { sessionToken } = options.credentials;
  const encodedToken = sessionToken === undefined ? undefined : uriEncode(sessionToken);

  return ({ method, url, headers = {}, expiresInSeconds, signedAt }) => {
    if (
      !(
        Number.isInteger(expiresInSeconds) &&
        expiresInSeconds >= 1 &&
        expiresInSeconds <= longestExpiresInSeconds
      )
    ) {
      throw new RangeError(`a presigned URL lives 1 to ${longestExpiresInSeconds} whole seconds`);
    }
    const { path, query } = readSignable(method, url);
    const signed = headersToSign(headers, reservedHeaders);
    const payloadSha256 = presignedPayload(
      query.get("X-Amz-Content-Sha256"),
      signed.get("x-amz-content-sha256"),
    );
    if (payloadSha256 === undefined || !isPayloadSha256(payloadSha256)) {
      throw new TypeError("x-amz-content-sha256 is malformed, or differs between query and headers");
    }
    signed.set("host", url.host);
    const signedHeaderNames = [...signed.keys()].sort();

    const moment = momentOf(signedAt);
    // In the order of their names.
    const members: EncodedMember[] = [
      ["X-Amz-Algorithm", algorithm],
      ["X-Amz-Credential", moment.encodedCredential],
      ["X-Amz-Date", moment.amzDate],
      ["X-Amz-Expires", String(expiresInSeconds)],
      ...(encodedToken === undefined ? [] : [["X-Amz-Security-Token", encodedToken] as const]),
      ["X-Amz-SignedHeaders", signedHeaderNames.join("%3B")],
    ];
    const queryToSign = canonicalQuery(query, members);

    const signature = sign(moment, {
      method,
      path,
      query: queryToSign,
      signedHeaderNames,
      headers: signed,
      payloadSha256,
    });
    return `${url.protocol}//${url.host}${path}?${queryToSign}&X-Amz-Signature=${signature}`;
  };
}

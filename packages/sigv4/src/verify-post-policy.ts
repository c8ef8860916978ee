import { timingSafeEqual } from "node:crypto";
import { parseAmzDate } from "./amz-date.ts";
import { algorithm, credentialScope } from "./canonical-request.ts";
import { checkSigningTime } from "./check-signing-time.ts";
import { decodePostPolicy, type PostPolicy } from "./post-policy.ts";
import { longestExpiresInSeconds } from "./presign-url.ts";
import { signEncodedPolicy } from "./sign-post-policy.ts";
import { SignatureRefusedError } from "./signature-refused-error.ts";
import { createSigningKeys, isAccessKeyId } from "./signing-key.ts";
import { defaultMaxSkewMs, hexSignature, type VerifierOptions } from "./verify-request.ts";

export interface VerifiedPostPolicy {
  readonly accessKeyId: string;
  readonly policy: PostPolicy;
  readonly signedAt: Date;
}

/**
 * A function that checks the signature of a form's policy, and that it has not run out, as S3 does. `fields` are the
 * form's, by lower-case name. It returns what was signed, to which the caller must hold the form
 * (`checkPostConditions`), or throws SignatureRefusedError, and nothing else, whatever was sent.
 *
 * Stricter than S3: a policy is good for at most `maxExpiresInSeconds` after its `x-amz-date`.
 *
 * The factory throws RangeError for limits out of range.
 */
export function createPostPolicyVerifier(
  options: VerifierOptions,
): (fields: ReadonlyMap<string, string>) => VerifiedPostPolicy {
  const { region, service = "s3", maxSkewMs = defaultMaxSkewMs } = options;
  const { maxExpiresInSeconds = longestExpiresInSeconds } = options;
  if (!(maxSkewMs >= 0)) throw new RangeError("maxSkewMs must be 0 or more");
  if (!(maxExpiresInSeconds >= 1 && maxExpiresInSeconds <= longestExpiresInSeconds))
    throw new RangeError(`maxExpiresInSeconds must be 1 to ${longestExpiresInSeconds}`);
  const signingKey = createSigningKeys({ region, service });

  return (fields) => {
    const encoded = fields.get("policy");
    if (encoded === undefined)
      throw new SignatureRefusedError("AccessDenied", "The form is not signed: it has no policy.");
    const required = (name: string): string => {
      const value = fields.get(name);
      if (value !== undefined) return value;
      throw new SignatureRefusedError("InvalidArgument", `Bucket POST must contain a field named '${name}'.`);
    };
    const isVersion2 = fields.has("awsaccesskeyid") || fields.has("signature");
    if (isVersion2 || required("x-amz-algorithm") !== algorithm)
      throw new SignatureRefusedError(
        "InvalidRequest",
        `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
      );
    const signature = required("x-amz-signature");
    const credential = required("x-amz-credential");
    const amzDate = required("x-amz-date");

    const signedAt = parseAmzDate(amzDate);
    if (signedAt === undefined)
      throw new SignatureRefusedError("InvalidArgument", "x-amz-date must have the form 20130524T000000Z.");
    const scope = `/${credentialScope(amzDate, region, service)}`;
    const accessKeyId = credential.endsWith(scope) ? credential.slice(0, -scope.length) : "";
    if (!isAccessKeyId(accessKeyId))
      throw new SignatureRefusedError(
        "InvalidArgument",
        "x-amz-credential must be an access key id, the date's day, and this store's own scope.",
      );
    const secretAccessKey = options.findSecretAccessKey(accessKeyId);
    // An empty secret would be one that everybody knows.
    if (secretAccessKey === undefined || secretAccessKey === "")
      throw new SignatureRefusedError("InvalidAccessKeyId", "The access key id does not exist here.");
    const expected = signEncodedPolicy(signingKey(accessKeyId, secretAccessKey, amzDate), encoded);
    if (!hexSignature.test(signature) || !timingSafeEqual(Buffer.from(expected), Buffer.from(signature)))
      throw new SignatureRefusedError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.",
      );

    const policy = decodePostPolicy(encoded);
    const nowMs = options.now().getTime();
    const endsAtMs = Math.min(policy.expiresAt.getTime(), signedAt.getTime() + maxExpiresInSeconds * 1000);
    checkSigningTime(
      nowMs,
      signedAt,
      new Date(endsAtMs),
      maxSkewMs,
      "Invalid according to Policy: Policy expired.",
    );
    return { accessKeyId, policy, signedAt };
  };
}

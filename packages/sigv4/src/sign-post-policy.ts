import { createHmac, type KeyObject } from "node:crypto";
import { algorithm } from "./canonical-request.ts";
import { encodePostPolicy, type PostCondition } from "./post-policy.ts";
import { createSigningMoments, type SignerOptions } from "./signing-moment.ts";

export interface SignPostPolicyInput {
  /** Of the form's own fields, `bucket` among them; those of the signature are added. */
  readonly conditions: readonly PostCondition[];
  readonly expiresAt: Date;
  /** Milliseconds are dropped. */
  readonly signedAt: Date;
}

/** The signature of a policy as the form carries it (base64), in lower-case hex. */
export const signEncodedPolicy = (key: KeyObject, encoded: string): string =>
  createHmac("sha256", key).update(encoded).digest("hex");

/**
 * A function that signs what a form may upload:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html. It returns the fields
 * that the form must have besides its own, before the file.
 *
 * The factory throws TypeError for malformed credentials, the function RangeError for a date that can't be written.
 */
export function createPostPolicySigner(
  options: SignerOptions,
): (input: SignPostPolicyInput) => Record<string, string> {
  const momentOf = createSigningMoments(options);
  const { sessionToken } = options.credentials;

  return ({ conditions, expiresAt, signedAt }) => {
    const { amzDate, credential, key } = momentOf(signedAt);
    const fields = {
      "x-amz-algorithm": algorithm,
      "x-amz-credential": credential,
      "x-amz-date": amzDate,
      ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
    };
    const own = Object.entries(fields).map(([field, value]) => ({ match: "eq", field, value }) as const);
    const policy = encodePostPolicy({ expiresAt, conditions: [...conditions, ...own] });
    return { ...fields, policy, "x-amz-signature": signEncodedPolicy(key, policy) };
  };
}

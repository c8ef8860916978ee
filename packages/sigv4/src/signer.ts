import { isHeaderValue } from "./canonical-headers.ts";
import {
  type CanonicalParts,
  canonicalRequest,
  credentialScope,
  signCanonical,
} from "./canonical-request.ts";
import { createSigningKeys, isAccessKeyId, type SigningCredentials } from "./signing-key.ts";

export interface SignerOptions {
  credentials: SigningCredentials;
  /** As the store names its own: `us-east-1`, `auto`… */
  region: string;
  service?: "s3";
}

/** What presigned URLs and signed headers have in common. */
export interface Signer {
  /** `<access key id>/<day>/<region>/<service>/aws4_request`, for a date such as `20130524T000000Z`. */
  credentialAt(amzDate: string): string;
  /** The signature in lower-case hex. */
  sign(amzDate: string, parts: CanonicalParts): string;
}

/** Throws TypeError for credentials that no request could carry, or that anyone could guess. */
export function createSigner({ credentials, region, service = "s3" }: SignerOptions): Signer {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  if (!isAccessKeyId(accessKeyId)) throw new TypeError("accessKeyId is malformed");
  if (secretAccessKey === "") throw new TypeError("secretAccessKey is empty");
  if (sessionToken !== undefined && !isHeaderValue(sessionToken)) {
    throw new TypeError("sessionToken is not printable ASCII");
  }
  const signingKey = createSigningKeys({ region, service });

  return {
    credentialAt: (amzDate) => `${accessKeyId}/${credentialScope(amzDate, region, service)}`,
    sign: (amzDate, parts) =>
      signCanonical(
        signingKey(accessKeyId, secretAccessKey, amzDate),
        amzDate,
        credentialScope(amzDate, region, service),
        canonicalRequest(parts),
      ).toString("hex"),
  };
}

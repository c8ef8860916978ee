import type { KeyObject } from "node:crypto";
import { formatAmzDate } from "./amz-date.ts";
import { isHeaderValue } from "./canonical-headers.ts";
import {
  type CanonicalParts,
  canonicalRequest,
  credentialScope,
  signCanonical,
} from "./canonical-request.ts";
import { createSigningKeys, isAccessKeyId, type SigningCredentials } from "./signing-key.ts";
import { uriEncode } from "./uri-encoding.ts";

export interface SignerOptions {
  credentials: SigningCredentials;
  /** As the store names its own: `us-east-1`, `auto`… */
  region: string;
  service?: "s3";
}

/** What all signatures of one second have in common. */
export interface SigningMoment {
  /** `20130524T000000Z`. */
  readonly amzDate: string;
  readonly scope: string;
  /** `<access key id>/<scope>`. */
  readonly credential: string;
  /** The same, encoded for a query. */
  readonly encodedCredential: string;
  readonly key: KeyObject;
}

/**
 * A function from a date to what is signed with it, remembered for as long as the second lasts.
 * It throws RangeError for a date that can't be written. The factory throws TypeError for credentials
 * that no request could carry, or that anyone could guess.
 */
export function createSigningMoments(options: SignerOptions): (signedAt: Date) => SigningMoment {
  const { credentials, region, service = "s3" } = options;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  if (!isAccessKeyId(accessKeyId)) throw new TypeError("accessKeyId is malformed");
  if (secretAccessKey === "") throw new TypeError("secretAccessKey is empty");
  if (sessionToken !== undefined && !isHeaderValue(sessionToken)) {
    throw new TypeError("sessionToken is not printable ASCII");
  }
  const signingKey = createSigningKeys({ region, service });
  let last: { readonly second: number; readonly moment: SigningMoment } | undefined;

  return (signedAt) => {
    const second = Math.floor(signedAt.getTime() / 1000);
    if (last?.second === second) return last.moment;
    const amzDate = formatAmzDate(signedAt);
    const scope = credentialScope(amzDate, region, service);
    const key = signingKey(accessKeyId, secretAccessKey, amzDate);
    const credential = `${accessKeyId}/${scope}`;
    const moment = { amzDate, scope, credential, encodedCredential: uriEncode(credential), key };
    last = { second, moment };
    return moment;
  };
}

/** The signature in lower-case hex. */
export function sign({ key, amzDate, scope }: SigningMoment, parts: CanonicalParts): string {
  return signCanonical(key, amzDate, scope, canonicalRequest(parts));
}

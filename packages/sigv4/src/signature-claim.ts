import { SignatureRefusedError } from "./signature-refused-error.ts";

/** What a request says about its own signature, read but not yet believed. Everything is as sent. */
export interface SignatureClaim {
  readonly by: "query" | "header";
  readonly algorithm: string;
  /** `<access key id>/<day>/<region>/<service>/aws4_request`. */
  readonly credential: string;
  readonly amzDate: string;
  /** Names joined by `;`. */
  readonly signedHeaders: string;
  readonly signature: string;
  readonly payloadSha256: string;
  /** Of presigned URLs only. */
  readonly expires?: string;
}

/** Throws SignatureRefusedError for a claim that is malformed, with the code that its kind has in S3. */
export function refuseClaim(by: SignatureClaim["by"], reason: string): never {
  const code = by === "query" ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed";
  throw new SignatureRefusedError(code, reason);
}

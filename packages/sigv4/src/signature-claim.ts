/** What a request says about its own signature, read but not yet believed. */
export interface SignatureClaim {
  readonly by: "query" | "header";
  readonly algorithm: string;
  /** `<access key id>/<day>/<region>/<service>/aws4_request`. */
  readonly credential: string;
  readonly amzDate: string;
  /** As sent: names joined by `;`. */
  readonly signedHeaders: string;
  readonly signature: string;
  readonly payloadSha256: string;
  /** As sent; of presigned URLs only. */
  readonly expires?: string;
}

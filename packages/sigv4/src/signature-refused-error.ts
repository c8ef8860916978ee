/** Why a signature was refused; the names are S3's error codes. */
export type SignatureRefusedCode =
  | "AccessDenied"
  | "SignatureDoesNotMatch"
  | "InvalidAccessKeyId"
  | "RequestTimeTooSkewed"
  | "AuthorizationQueryParametersError"
  | "AuthorizationHeaderMalformed"
  | "InvalidArgument"
  | "InvalidRequest"
  // Of forms only.
  | "InvalidPolicyDocument";

/**
 * The only error that the functions of `createVerifier` and `createPostPolicyVerifier`, `decodeObjectPath` and
 * `decodeQuery` throw because of what a client sent. Its message never repeats anything of the request, so it may be logged and shown.
 */
export class SignatureRefusedError extends Error {
  readonly code: SignatureRefusedCode;

  constructor(code: SignatureRefusedCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SignatureRefusedError";
    this.code = code;
  }
}

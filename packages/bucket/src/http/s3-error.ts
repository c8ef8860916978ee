import { SignatureRefusedError } from "@stowage/sigv4";
import { PartsRefusedError } from "../storage/complete-upload.ts";
import { isFileError } from "../storage/file-operations.ts";
import { NoSuchUploadError } from "../storage/multipart-uploads.ts";
import { ObjectChangedError } from "../storage/object-names.ts";
import { ObjectExistsError } from "../storage/publish-object.ts";

/** S3's error codes that this server answers with, and their HTTP statuses. */
const statusOf = {
  AccessControlListNotSupported: 400,
  AccessDenied: 403,
  AccessForbidden: 403,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryParametersError: 400,
  BadDigest: 400,
  BadRequest: 400,
  BucketAlreadyOwnedByYou: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IllegalLocationConstraintException: 400,
  // Not one of AWS's, whose disks are never full; a client has nothing to correct and may come back.
  InsufficientStorage: 507,
  IncompleteBody: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidDigest: 400,
  InvalidPart: 400,
  // As S3 answers, though its documents don't list it.
  InvalidPartNumber: 416,
  InvalidPartOrder: 400,
  InvalidPolicyDocument: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidStorageClass: 400,
  InvalidTag: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedPOSTRequest: 400,
  MalformedTrailerError: 400,
  MalformedXML: 400,
  MaxPostPreDataLengthExceededError: 400,
  MetadataTooLarge: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchCORSConfiguration: 404,
  NoSuchBucketPolicy: 404,
  NoSuchKey: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchTagSet: 404,
  NoSuchUpload: 404,
  NoSuchWebsiteConfiguration: 404,
  NotImplemented: 501,
  ObjectLockConfigurationNotFoundError: 404,
  OperationAborted: 409,
  PreconditionFailed: 412,
  ReplicationConfigurationNotFoundError: 404,
  RequestTimeTooSkewed: 403,
  ServerSideEncryptionConfigurationNotFoundError: 404,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
  TooManyBuckets: 400,
  XAmzContentSHA256Mismatch: 400,
} as const;

export type S3ErrorCode = keyof typeof statusOf;

/** An answer other than success: S3's code, and a message that may be shown to anyone. */
export class S3Error extends Error {
  override name = "S3Error";
  readonly code: S3ErrorCode;
  readonly status: number;
  /** Response headers that belong to it, such as `allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: S3ErrorCode,
    message: string,
    options: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options);
    this.code = code;
    this.status = statusOf[code];
    this.headers = options.headers ?? {};
  }
}

/** What to answer to whatever was thrown. Anything not foreseen is an InternalError that gives nothing away. */
export function toS3Error(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  if (error instanceof SignatureRefusedError) return new S3Error(error.code, error.message, { cause: error });
  if (error instanceof ObjectExistsError) return keyTaken(error);
  if (error instanceof ObjectChangedError)
    return error.isMissing ? noSuchKey("The specified key does not exist.", error) : keyTaken(error);
  if (error instanceof NoSuchUploadError)
    return new S3Error(
      "NoSuchUpload",
      "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
      { cause: error },
    );
  if (error instanceof PartsRefusedError) return new S3Error(error.code, error.message, { cause: error });
  if (isFileError(error, "ENOSPC", "EDQUOT"))
    return new S3Error("InsufficientStorage", "There is no room left to store the object.", { cause: error });
  if (isFileError(error, "EMLINK"))
    return new S3Error("InvalidRequest", "The object has as many copies as its file can have names.", {
      cause: error,
    });
  if (isFileError(error, "EMFILE", "ENFILE"))
    return new S3Error("SlowDown", "Please reduce your request rate.", {
      cause: error,
      headers: { "retry-after": "1" },
    });
  return new S3Error("InternalError", "We encountered an internal error. Please try again.", {
    cause: error,
  });
}

export const noSuchKey = (message: string, cause?: unknown): S3Error =>
  new S3Error("NoSuchKey", message, { cause });

export const keyTaken = (cause?: unknown): S3Error =>
  new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
    cause,
  });

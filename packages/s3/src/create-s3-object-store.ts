import type { ObjectStore, ObjectStoreCapabilities } from "@stowage/core";
import { createHeaderSigner, createPresigner, type SigningCredentials } from "@stowage/sigv4";
import { createAbortMultipartUpload } from "./abort-multipart-upload.ts";
import { createBucketAddress } from "./bucket-address.ts";
import { watchBucket } from "./bucket-presence.ts";
import { createCompleteMultipartUpload } from "./complete-multipart-upload.ts";
import { createCopyObject } from "./copy-object.ts";
import { createCreateMultipartUpload } from "./create-multipart-upload.ts";
import { createDeleteObject } from "./delete-object.ts";
import { createGetObject } from "./get-object.ts";
import { createHeadObject, createHeadOnce } from "./head-object.ts";
import { createHttpConnection } from "./http-connection.ts";
import { createListMultipartUploads } from "./list-multipart-uploads.ts";
import { createListObjects } from "./list-objects.ts";
import { createListParts } from "./list-parts.ts";
import { createPresignGet } from "./presign-get.ts";
import { createPresignPart } from "./presign-part.ts";
import { createPresignPut } from "./presign-put.ts";
import { createPutObject } from "./put-object.ts";
import { createPutPart } from "./put-part.ts";
import { createReadClock } from "./read-clock.ts";
import { createRetry } from "./retry.ts";
import { createS3Send } from "./s3-send.ts";

export interface S3ObjectStoreOptions {
  /** Where the store is called: http or https, and a path where the service has one. */
  readonly endpoint: string;
  /** What presigned URLs name, where clients reach the store elsewhere. Default: `endpoint`. */
  readonly publicEndpoint?: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: SigningCredentials;
  /** Whether the bucket is named in the path or in the host. Default: true, the path. */
  readonly pathStyle?: boolean;
  /**
   * What `probeObjectStore` found. What is left out counts as not enforced. `enforcesSignedHeaders: false`, said
   * and not left out, makes presigned PUTs sign `x-amz-acl: private` as well, so that their bearer can't publish
   * the object; a store that enforces signed headers needs no ACL, and may refuse one.
   */
  readonly capabilities?: Partial<ObjectStoreCapabilities>;
  /** Longest silence of a connection before the call fails. Milliseconds; default 10000. */
  readonly requestTimeoutMs?: number;
  /** The same for a copy and for joining parts, which some stores answer only when it is done. Milliseconds; default 120000. */
  readonly copyTimeoutMs?: number;
  /** Attempts after the first, none of which begins later than `requestTimeoutMs` after it. Default 3. */
  readonly maxRetries?: number;
  /** Milliseconds since 1970, for the dates of signed calls. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * An ObjectStore over any S3 service. Calls are signed by header with the digest of their body; each is tried
 * again when it failed in a way that may pass. StoreUnavailableError and StoreRefusedError carry an
 * S3AnswerError as `cause` where the service said something.
 *
 * The credentials need GetObject, PutObject, DeleteObject, AbortMultipartUpload, ListMultipartUploadParts, ListBucket
 * and ListBucketMultipartUploads; without ListBucket, AWS answers 403 for objects that do not exist.
 *
 * @throws TypeError for an endpoint, bucket or credentials that no request could be made with
 */
export function createS3ObjectStore(options: S3ObjectStoreOptions): ObjectStore {
  const { endpoint, region, bucket, credentials, pathStyle = true } = options;
  const { requestTimeoutMs = 10_000, copyTimeoutMs = 120_000, maxRetries = 3, now = Date.now } = options;
  const presigning = {
    address: createBucketAddress({ endpoint: options.publicEndpoint ?? endpoint, bucket, pathStyle }),
    presign: createPresigner({ credentials, region }),
  };
  const { send, assertPresent } = watchBucket(
    createS3Send({
      address: createBucketAddress({ endpoint, bucket, pathStyle }),
      sign: createHeaderSigner({ credentials, region }),
      connection: createHttpConnection({ timeoutMs: requestTimeoutMs }),
      now,
    }),
  );
  const retry = createRetry({ maxRetries, windowMs: requestTimeoutMs });
  const headOnce = createHeadOnce({ send, assertPresent });
  const getObject = createGetObject({ send, retry });
  return {
    capabilities: {
      enforcesChecksum: false,
      enforcesIfNoneMatch: false,
      enforcesSignedHeaders: false,
      setsSecurityHeaders: false,
      ...options.capabilities,
    },
    presignPut: createPresignPut({
      ...presigning,
      signsAcl: options.capabilities?.enforcesSignedHeaders === false,
    }),
    presignPart: createPresignPart(presigning),
    presignGet: createPresignGet(presigning),
    head: createHeadObject({ headOnce, retry }),
    get: getObject,
    put: createPutObject({ send, retry, headOnce, getObject }),
    copy: createCopyObject({ send, retry, headOnce, bucket, timeoutMs: copyTimeoutMs }),
    delete: createDeleteObject({ send, retry }),
    list: createListObjects({ send, retry }),
    readClock: createReadClock({ send, retry }),
    createMultipartUpload: createCreateMultipartUpload({ send, retry }),
    putPart: createPutPart({ send, retry }),
    listParts: createListParts({ send, retry }),
    completeMultipartUpload: createCompleteMultipartUpload({ send, retry, timeoutMs: copyTimeoutMs }),
    abortMultipartUpload: createAbortMultipartUpload({ send, retry }),
    listMultipartUploads: createListMultipartUploads({ send, retry }),
  };
}

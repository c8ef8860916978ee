import { buckets, corsRules } from "./cases/buckets.ts";
import { conditionalWrites } from "./cases/conditional-writes.ts";
import { copyObject } from "./cases/copy-object.ts";
import { deleteObjects } from "./cases/delete-objects.ts";
import { errorDocuments } from "./cases/error-documents.ts";
import { getConditions } from "./cases/get-conditions.ts";
import { getObject } from "./cases/get-object.ts";
import { headerSignatures } from "./cases/header-signatures.ts";
import { listObjects } from "./cases/list-objects.ts";
import { multipartChecksums } from "./cases/multipart-checksums.ts";
import { multipartLists } from "./cases/multipart-lists.ts";
import { multipartRefusals } from "./cases/multipart-refusals.ts";
import { multipartUpload } from "./cases/multipart-upload.ts";
import { objectKeys } from "./cases/object-keys.ts";
import { objectTags } from "./cases/object-tags.ts";
import { postObject } from "./cases/post-object.ts";
import { presignedGets } from "./cases/presigned-gets.ts";
import { presignedPuts } from "./cases/presigned-puts.ts";
import { putObject } from "./cases/put-object.ts";
import { uploadIntegrity } from "./cases/upload-integrity.ts";
import { uploadPartCopy } from "./cases/upload-part-copy.ts";
import type { ConformanceGroup } from "./conformance-case.ts";

/** The whole suite, by operation. */
export const allGroups: readonly ConformanceGroup[] = [
  putObject,
  objectKeys,
  uploadIntegrity,
  conditionalWrites,
  getObject,
  getConditions,
  copyObject,
  objectTags,
  deleteObjects,
  listObjects,
  multipartUpload,
  multipartRefusals,
  multipartChecksums,
  multipartLists,
  uploadPartCopy,
  presignedPuts,
  presignedGets,
  headerSignatures,
  postObject,
  corsRules,
  buckets,
  errorDocuments,
];
